"""Installing the app in a browser, over the real HTTP server."""

import asyncio
import logging
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from slackbot.conversation.ids import TeamId
from slackbot.slack.manifest import scopes
from slackbot.slack.oauth import texts
from slackbot.slack.oauth.flow import INSTALL_PATH, REDIRECT_PATH
from slackbot.slack.oauth.states import COOKIE, EncryptedStates
from slackbot.slack.oauth.texts import Explanation
from slackbot.store import RecordStore
from slackbot.workspaces.encryption import Encryption
from tests.config import ENCRYPTION_KEY, OTHER_ENCRYPTION_KEY
from tests.slack.oauth.install_site import Page, Site, serving
from tests.slack.oauth.oauth_server import CLIENT_ID, App, OAuthServer
from tests.store.faults import failing_writes
from tests.store.rows import keys_of
from tests.workspaces.samples import installation, key


def shows(page: Page, explanation: Explanation) -> bool:
    """Whether a page is the one about a failure, with a way back to the beginning."""
    return (page.title, page.status, page.button) == (
        explanation.title,
        explanation.status,
        INSTALL_PATH,
    ) and explanation.text.replace("'", "&#x27;") in page.text


def clone(answer: web.Response) -> web.Response:
    """A response can be sent once."""
    headers = {name: each for name, each in answer.headers.items() if name == "Retry-After"}
    return web.Response(
        status=answer.status,
        text=answer.text,
        content_type=answer.content_type,
        headers=headers,
    )


async def test_a_workspace_installs_the_app(site: Site) -> None:
    """The button leads to Slack's page with the scopes and a state, and back to a page that opens
    the app; then the workspace is stored, with its token encrypted, and the bot is told.
    """
    site.server.codes["c0de"] = App("T1")
    browser = site.browser()
    page = await browser.get(INSTALL_PATH)
    assert (page.status, page.title) == (200, texts.INSTALL_TITLE)
    address = urlsplit(page.button)
    query = parse_qs(address.query)
    assert f"http://{site.server.address}/oauth/v2/authorize" == address._replace(query="").geturl()
    assert query["client_id"] == [CLIENT_ID]
    assert query["scope"] == [",".join(sorted(scopes()))]
    back = await browser.come_back(code="c0de", state=query["state"][0])
    assert (back.status, back.title) == (200, "Thank you!")
    assert back.button == f"http://{site.server.address}/app_redirect?app=A1&team=T1"
    access = await site.installed.access(TeamId("T1"))
    assert access is not None
    assert access.token == site.server.apps[0].tokens[0]
    stored = access.installation
    assert (stored.team_name, stored.installer, stored.bot_user) == ("Example", "UANA", "UBOT")
    assert (stored.bot, stored.app) == ("BBOT", "A1")
    assert (stored.scopes, stored.expires_at) == (("chat:write", "commands"), None)
    assert site.told == [key("T1")]


async def test_an_organisation_installs_the_app(site: Site) -> None:
    """It is stored as one installation for many workspaces, and the page leads to adding them."""
    site.server.codes["c0de"] = App("", "E1", is_for_organisation=True)
    browser = site.browser()
    page = await browser.come_back(code="c0de", state=await browser.begin())
    assert page.links == [
        "https://example.slack.com/manage/organization/apps/profile/A1/workspaces/add"
    ]
    (stored,) = await site.store.installations()
    assert stored.key == key("", "E1")
    assert stored.enterprise_name == "Group"
    assert await site.installed.access(TeamId("T1")) is None
    assert await site.installed.admit(key("T1", "E1"))
    access = await site.installed.access(TeamId("T1"))
    assert access is not None
    assert access.token == site.server.apps[0].tokens[0]


async def test_tokens_that_expire(site: Site) -> None:
    """When they do is stored, and the token that renews them is encrypted with them."""
    site.server.rotates = True
    site.server.codes["c0de"] = App("T1")
    browser = site.browser()
    await browser.come_back(code="c0de", state=await browser.begin())
    (stored,) = await site.store.installations()
    assert stored.expires_at is not None
    assert stored.expires_at - stored.installed_at in range(43_190, 43_210)
    assert site.installed.tokens(stored).refresh == site.server.apps[0].refresh[0]


async def test_another_installation(site: Site) -> None:
    """The app is installed again, perhaps by somebody else: the new token counts."""
    for code in ("c0de", "an0ther"):
        site.server.codes[code] = App("T1")
        browser = site.browser()
        await browser.come_back(code=code, state=await browser.begin())
    access = await site.installed.access(TeamId("T1"))
    assert access is not None
    assert access.token == site.server.apps[1].tokens[0]


async def test_somebody_does_not_agree(site: Site) -> None:
    """The page says that nothing was installed."""
    browser = site.browser()
    page = await browser.come_back(error="access_denied", state=await browser.begin())
    assert shows(page, texts.DENIED)
    assert site.server.calls == []


@pytest.mark.parametrize("error", ["invalid_team_for_non_distributed_app", "<b>Call 555</b>", ""])
async def test_slack_refuses(site: Site, error: str) -> None:
    """The page is about Slack, and repeats nothing of what stands in the address."""
    page = await site.browser().come_back(error=error)
    assert shows(page, texts.REFUSED_BY_SLACK)
    assert not error or error not in page.text
    assert "555" not in page.text


async def test_without_a_state(site: Site) -> None:
    """Slack led the browser here although nobody has begun here: another site may have."""
    site.server.codes["c0de"] = App("T1")
    browser = site.browser()
    assert shows(await browser.come_back(code="c0de"), texts.ANOTHER_BROWSER)
    await browser.begin()
    assert shows(await browser.come_back(code="c0de"), texts.ANOTHER_BROWSER)
    assert site.server.calls == []


async def test_the_state_of_another_browser(site: Site) -> None:
    """Nobody can have somebody else finish an installation that they have begun."""
    site.server.codes["c0de"] = App("T1")
    attacker, victim = site.browser(), site.browser()
    state = await attacker.begin()
    assert shows(await victim.come_back(code="c0de", state=state), texts.ANOTHER_BROWSER)
    await victim.begin()
    assert shows(await victim.come_back(code="c0de", state=state), texts.ANOTHER_BROWSER)
    assert await site.store.installations() == []


async def test_a_forged_state(site: Site) -> None:
    """A cookie that matches is not enough: the state must be one that the bot has given."""
    site.server.codes["c0de"] = App("T1")
    browser = site.browser()
    await browser.begin()
    for state in ("f0rged", "", "gAAAAAB" + "A" * 100, "\ud800"):
        browser.cookies = dict.fromkeys(browser.cookies, state.encode("utf-8", "replace").decode())
        page = await browser.come_back(code="c0de", state=next(iter(browser.cookies.values())))
        assert page.status == 400
    assert site.server.calls == []


async def test_a_state_is_used_once(site: Site) -> None:
    """Going back in the browser, or loading the page again, installs nothing a second time."""
    site.server.codes |= {"c0de": App("T1"), "an0ther": App("T2")}
    browser = site.browser()
    state = await browser.begin()
    kept = dict(browser.cookies)
    await browser.come_back(code="c0de", state=state)
    assert browser.cookies == {}
    browser.cookies = kept
    assert shows(await browser.come_back(code="an0ther", state=state), texts.STATE_INVALID)
    assert [each.key for each in await site.store.installations()] == [key("T1")]


async def test_of_two_at_once_one_wins(server: OAuthServer, store: RecordStore) -> None:
    """Also on two replicas: a state is redeemed where it was not given, and once."""
    server.codes |= {f"c0de{number}": App(f"T{number}") for number in range(6)}
    async with serving(server, store) as one, serving(server, store) as other:
        browser = one.browser()
        state = await browser.begin()
        visits = [
            replace(browser, port=site.port).come_back(code=f"c0de{number}", state=state)
            for number, site in enumerate([one, other] * 3)
        ]
        pages = await asyncio.gather(*visits)
    assert sorted(page.status for page in pages) == [200, 400, 400, 400, 400, 400]
    assert len(await store.installations()) == 1


async def test_a_state_expires(site: Site) -> None:
    """Ten minutes after the installation was begun, it has to be begun again."""
    site.server.codes["c0de"] = App("T1")
    encryption = Encryption([ENCRYPTION_KEY], lambda: time.time() - 601)
    state = await EncryptedStates(encryption, site.store).async_issue()
    browser = site.browser()
    browser.cookies[COOKIE] = state
    assert shows(await browser.come_back(code="c0de", state=state), texts.STATE_INVALID)
    assert site.server.calls == []


async def test_states_of_an_older_key(server: OAuthServer, store: RecordStore) -> None:
    """An installation that is under way while the key is replaced can be finished."""
    server.codes["c0de"] = App("T1")
    async with serving(server, store) as before:
        browser = before.browser()
        state = await browser.begin()
    async with serving(server, store, OTHER_ENCRYPTION_KEY, ENCRYPTION_KEY) as after:
        page = await replace(after.browser(), cookies=browser.cookies).come_back(
            code="c0de", state=state
        )
    assert page.status == 200


async def test_opening_the_page_stores_nothing(site: Site, path: Path) -> None:
    """However often strangers open it, the database does not grow."""
    for _ in range(3):
        await site.browser().begin()
    assert keys_of(path) == []


@pytest.mark.parametrize("code", ["", "wr0ng"])
async def test_slack_refuses_the_code(
    site: Site, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A code that Slack does not know installs nothing, and is not repeated in the log."""
    browser = site.browser()
    query = {"code": code} if code else {}
    page = await browser.come_back(state=await browser.begin(), **query)
    assert shows(page, texts.CODE_REFUSED)
    assert "wr0ng" not in caplog.text


async def test_slack_gives_no_bot_token(site: Site) -> None:
    """An app without a bot has nothing that the bot could use."""
    site.server.answers["oauth.v2.access"] = [
        web.json_response({"ok": True, "team": {"id": "T1"}, "authed_user": {"id": "UANA"}})
    ]
    browser = site.browser()
    page = await browser.come_back(code="c0de", state=await browser.begin())
    assert shows(page, texts.CODE_REFUSED)
    assert await site.store.installations() == []


@pytest.mark.parametrize("method", ["oauth.v2.access", "auth.test"])
@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=502, text="<html>Bad gateway</html>"),
        web.Response(status=429, headers={"Retry-After": "30"}),
        web.json_response({"ok": False, "error": "internal_error"}),
        web.json_response({"ok": False, "error": "a_new_code"}),
        None,
    ],
    ids=["a proxy", "a limit", "an outage", "an unknown code", "no answer"],
)
async def test_slack_is_down(site: Site, method: str, answer: web.Response | None) -> None:
    """The page says that it is Slack, and to try again: no other page would help."""
    site.server.codes["c0de"] = App("T1")
    if answer is None:
        site.server.lost.append(method)
    else:
        site.server.answers[method] = [clone(answer)]
    browser = site.browser()
    page = await browser.come_back(code="c0de", state=await browser.begin())
    assert shows(page, texts.SLACK_DOWN)
    assert await site.store.installations() == []


async def test_the_database_is_down(site: Site, path: Path) -> None:
    """What can't be stored is not called installed."""
    site.server.codes["c0de"] = App("T1")
    browser = site.browser()
    state = await browser.begin()
    with failing_writes(f"sqlite:///{path}", "installation/"):
        page = await browser.come_back(code="c0de", state=state)
    assert shows(page, texts.NOT_STORED)
    assert site.told == []


async def test_while_the_last_installation_is_deleted(site: Site) -> None:
    """Somebody who comes back at once waits, and begins with nothing; if it takes long, a page
    says so.
    """
    removing = installation("T1", removing_since=int(time.time()), sealed_tokens="")
    await site.store.add_installation(removing)
    site.server.codes |= {"c0de": App("T1"), "an0ther": App("T1")}
    browser = site.browser()
    page = await browser.come_back(code="c0de", state=await browser.begin())
    assert shows(page, texts.STILL_REMOVING)
    assert await site.store.installations() == [removing]
    state = await browser.begin()
    coming = asyncio.create_task(browser.come_back(code="an0ther", state=state))
    await site.server.called("auth.test", times=2)
    assert await site.store.replace_installation(removing, None)
    assert (await coming).status == 200


@pytest.mark.parametrize("path", [INSTALL_PATH, REDIRECT_PATH])
async def test_the_headers_of_a_page(site: Site, path: str) -> None:
    """Nothing is loaded or run, no frame shows it, no cache keeps it, and no address leaks."""
    page = await site.browser().get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in page.text


async def test_the_cookie(site: Site) -> None:
    """It belongs to this host alone, is read by no script, and goes only where the person does."""
    page = await site.browser().get(INSTALL_PATH)
    (cookie,) = page.cookies
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "Max-Age=600", "SameSite=Lax"}


async def test_the_address_asks_for_nothing_more(site: Site) -> None:
    """A link to the install page can't add scopes to what Slack asks for."""
    page = await site.browser().get(INSTALL_PATH, team="T1&scope=admin&user_scope=admin")
    assert "admin" not in page.button
    assert page.button == page.button.replace("team=", "")


async def test_no_secret_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a token nor a code, also not at DEBUG."""
    caplog.set_level(logging.DEBUG)
    site.server.rotates = True
    site.server.codes["c0de"] = App("T1")
    browser = site.browser()
    state = await browser.begin()
    await browser.come_back(code="c0de", state=state)
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("slackbot")]
    assert "The app was installed: T1" in ours
    secrets = ("secret", "c0de", "c11ent", state)
    assert not any(secret in line for line in ours for secret in secrets)
