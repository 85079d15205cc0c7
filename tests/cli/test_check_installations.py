"""`slackbot check` of a bot for several workspaces, in a process of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.slack.manifest import scopes
from slackbot.store import open_store
from slackbot.workspaces.installations import Installation
from slackbot.workspaces.token_encryption import BotTokens
from tests.command import run
from tests.config import OAUTH, OTHER_ENCRYPTION_KEY
from tests.slack.oauth.oauth_server import App, OAuthServer
from tests.workspaces.samples import installation


@pytest.fixture
async def server() -> AsyncIterator[OAuthServer]:
    async with OAuthServer() as running:
        yield running


@pytest.fixture
async def environment(server: OAuthServer, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    async with ModelServer(api_key="sk-1") as model:
        yield {
            **OAUTH,
            "SLACK_API_URL": server.url,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'slackbot.db'}",
            "OPENAI_BASE_URL": model.url,
            "OPENAI_MODEL": "stand-in",
        }


async def stored(environment: dict[str, str], *installations: Installation) -> None:
    store = await open_store(environment["DATABASE_URL"])
    for each in installations:
        await store.add_installation(each)
    await store.close()


def of_app(app: App, *lacking: str) -> Installation:
    granted = tuple(sorted(scopes() - set(lacking)))
    tokens = BotTokens(app.tokens[-1])
    return installation(app.team, app.enterprise, tokens=tokens, scopes=granted)


async def lines(tmp_path: Path, environment: dict[str, str]) -> tuple[int, list[str]]:
    """The exit code, and the lines about Slack."""
    code, output, errors = await run(tmp_path, "check", **environment)
    assert errors == ""
    assert "-secret" not in output
    return code, [line for line in output.splitlines() if " slack: " in line]


async def test_all_works(server: OAuthServer, environment: dict[str, str], tmp_path: Path) -> None:
    """The credentials, where Slack leads back to, and each installation's token."""
    apps = [server.install(App("T1")), server.install(App("", "E1", is_for_organisation=True))]
    await stored(environment, *map(of_app, apps), installation("T2", "E1", sealed_tokens=""))
    code, found = await lines(tmp_path, environment)
    assert (code, all(line.startswith("ok ") for line in found)) == (0, True)
    for part in ("client ID and client secret", "signing secret", "2 installation(s)"):
        assert any(part in line for line in found)
    assert any("https://YOUR-HOST/slack/oauth_redirect" in line for line in found)
    assert any("org_deploy_enabled" in line for line in found)


async def test_before_anybody_has_installed(environment: dict[str, str], tmp_path: Path) -> None:
    """There is no database yet."""
    code, found = await lines(tmp_path, environment)
    assert code == 0
    assert found[0] == "ok      slack: client ID and client secret"


@pytest.mark.parametrize(
    ("variable", "value"), [("SLACK_CLIENT_ID", "9.9"), ("SLACK_CLIENT_SECRET", "wr0ng")]
)
async def test_wrong_credentials(
    environment: dict[str, str], tmp_path: Path, variable: str, value: str
) -> None:
    """The variable is named."""
    code, found = await lines(tmp_path, {**environment, variable: value})
    assert code == 1
    assert found[0].startswith(f"failed  slack: {variable} was refused by Slack")


async def test_installations_that_do_not_work(
    server: OAuthServer, environment: dict[str, str], tmp_path: Path
) -> None:
    """All are named at once, each with what is wrong. Those of Slack's do not fail the check, which
    comes before a release: the other workspaces need that.
    """
    apps = [server.install(App(f"T{number}")) for number in range(3)]
    await stored(environment, of_app(apps[0]), of_app(apps[1], "files:write"), of_app(apps[2]))
    server.uninstall(apps[2])
    code, found = await lines(tmp_path, environment)
    assert code == 0
    assert "1 installation(s) with a token that works" in found[-2]
    assert found[-1] == (
        "warning slack: These installations do not work: T1 (lacks files:write: install the app "
        "there again), T2 (account_inactive)."
    )
    damaged = installation("T9", sealed_tokens="damaged", scopes=tuple(scopes()))
    await stored(environment, damaged)
    code, found = await lines(tmp_path, environment)
    assert (code, found[-1].startswith("failed  slack: ")) == (1, True)
    assert "T2 (account_inactive), T9 (SLACKBOT_ENCRYPTION_KEY does not decrypt it)" in found[-1]


async def test_another_key(
    server: OAuthServer, environment: dict[str, str], tmp_path: Path
) -> None:
    """A key that is lost shows before the bot is started; with the old one after it, all works."""
    await stored(environment, of_app(server.install(App("T1"))))
    both = f"{OTHER_ENCRYPTION_KEY},{environment['SLACKBOT_ENCRYPTION_KEY']}"
    for keys, expected in ((OTHER_ENCRYPTION_KEY, 1), (both, 0)):
        code, _ = await lines(tmp_path, {**environment, "SLACKBOT_ENCRYPTION_KEY": keys})
        assert code == expected


async def test_slack_fails_for_one(
    server: OAuthServer, environment: dict[str, str], tmp_path: Path
) -> None:
    """The line says what came back for it."""
    await stored(environment, of_app(server.install(App("T1"))))
    server.answers["auth.test"] = [web.Response(status=503)]
    code, found = await lines(tmp_path, environment)
    assert (code, "T1 (HTTP 503" in found[-1]) == (0, True)
