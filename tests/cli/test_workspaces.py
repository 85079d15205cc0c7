"""`slackbot workspaces`, in a process of its own."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from slackbot.conversation.ids import UserId
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.slack.manifest import scopes
from slackbot.store import open_store
from slackbot.workspaces.installations import Installation
from slackbot.workspaces.token_encryption import BotTokens
from tests.command import run, start
from tests.config import OAUTH, OTHER_ENCRYPTION_KEY
from tests.slack.oauth.oauth_server import App, OAuthServer, refusal
from tests.store.rows import keys_of
from tests.workspaces.samples import installation

NO_INSTALLATION = "T1 has not installed the app: `slackbot workspaces list` shows who has."


@pytest.fixture
async def server() -> AsyncIterator[OAuthServer]:
    async with OAuthServer() as running:
        yield running


@pytest.fixture
def environment(server: OAuthServer, tmp_path: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path / 'slackbot.db'}"
    return {**OAUTH, "SLACK_API_URL": server.url, "DATABASE_URL": url}


async def stored(environment: dict[str, str], *installations: Installation) -> None:
    """The bot has stored these, and instructions for each workspace."""
    store = await open_store(environment["DATABASE_URL"])
    for each in installations:
        await store.add_installation(each)
        if each.key.team:
            change = SettingsChange(UserId("UANA"), ScopeSettings("You are a pirate."), 0)
            await store.add_revision(Scope(each.key.team), change)
    await store.close()


def of_app(app: App, **changes: object) -> Installation:
    tokens = BotTokens(app.tokens[-1])
    return installation(app.team, app.enterprise, tokens=tokens, **changes)


async def test_list(environment: dict[str, str], tmp_path: Path) -> None:
    """A line for each: its name and organisation, when and by whom, what is missing and expires."""
    all_scopes = tuple(sorted(scopes()))
    await stored(
        environment,
        installation("T1", scopes=all_scopes),
        installation(
            "T2", "E1", enterprise_name="Group", scopes=all_scopes[1:], team_name="\x1b[1mX"
        ),
        installation("", "E2", enterprise_name="Big", scopes=all_scopes, expires_at=1_700_043_200),
        installation("T3", "E2", enterprise_name="Big", sealed_tokens=""),
        installation("T4", sealed_tokens="", removing_since=1),
    )
    code, output, errors = await run(tmp_path, "workspaces", "list", **environment)
    assert (code, errors) == (0, "")
    lines = dict(line.split("  ", 1) for line in output.splitlines())
    begun = "installed 2023-11-14 22:13 UTC by UANA"
    assert lines["T1"] == f"Example, {begun}"
    assert f"organisation Group (E1), {begun}, lacks {all_scopes[0]}" in lines["T2"]
    assert "\x1b" not in output
    expiry = "token expires 2023-11-15 10:13 UTC"
    assert lines["E2"] == f"Big, organisation-wide, {begun}, {expiry}"
    assert lines["T3"].endswith("organisation Big (E2), uses the organisation's installation")
    assert lines["T4"] == "Example, is being removed"
    assert "gAAAA" not in output


async def test_an_empty_list(environment: dict[str, str], tmp_path: Path) -> None:
    """It says so."""
    await stored(environment)
    said = await run(tmp_path, "workspaces", "list", **environment)
    assert said == (0, "No workspace has installed the app.\n", "")


async def test_remove(environment: dict[str, str], server: OAuthServer, tmp_path: Path) -> None:
    """The app is uninstalled at Slack, and all that is stored about the workspace is deleted; the
    others keep theirs.
    """
    first, second = server.install(App("T1")), server.install(App("T2"))
    await stored(environment, of_app(first), of_app(second))
    arguments = ("workspaces", "remove", "T1", "--yes")
    code, output, errors = await run(tmp_path, *arguments, **environment)
    assert (code, output.splitlines()[0]) == (0, "The app is uninstalled.")
    assert output.splitlines()[1].startswith("Deleted: ")
    assert server.apps == [second]
    keys = keys_of(tmp_path / "slackbot.db")
    assert {key.split("/")[0] for key in keys} == {"amended", "installation", "instructions"}
    assert all("T2" in key for key in keys)
    again = await run(tmp_path, *arguments, **environment)
    assert again == (2, "", f"slackbot: {NO_INSTALLATION}\n")
    assert "secret" not in output + errors


async def test_it_asks_first(
    environment: dict[str, str], server: OAuthServer, tmp_path: Path
) -> None:
    """Without --yes nothing happens until somebody agrees."""
    app = server.install(App("T1"))
    await stored(environment, of_app(app))
    before = keys_of(tmp_path / "slackbot.db")
    for answer, is_removed in ((b"n\n", False), (b"y\n", True)):
        process = await start(tmp_path, "workspaces", "remove", "T1", **environment)
        output, _ = await process.communicate(answer)
        assert output.startswith(b"Delete everything that is stored about Example (T1)?")
        assert (process.returncode == 0) is is_removed
        assert (keys_of(tmp_path / "slackbot.db") == before) is not is_removed


async def test_remove_an_organisation(
    environment: dict[str, str], server: OAuthServer, tmp_path: Path
) -> None:
    """All the workspaces go that it serves."""
    whole = server.install(App("", "E1", is_for_organisation=True))
    served = [installation(team, "E1", sealed_tokens="") for team in ("T1", "T2")]
    await stored(environment, of_app(whole), *served)
    code, _, _ = await run(tmp_path, "workspaces", "remove", "E1", "--yes", **environment)
    assert code == 0
    assert keys_of(tmp_path / "slackbot.db") == []


@pytest.mark.parametrize("code", ["no_permission", "enterprise_is_restricted"])
async def test_where_no_app_may_uninstall_itself(
    environment: dict[str, str], server: OAuthServer, tmp_path: Path, code: str
) -> None:
    """Its token is revoked instead."""
    app = server.install(App("T1"))
    await stored(environment, of_app(app))
    server.answers["apps.uninstall"] = [web.json_response(refusal(code))]
    _, output, _ = await run(tmp_path, "workspaces", "remove", "T1", "--yes", **environment)
    assert output.startswith("The app is uninstalled.\n")
    assert server.methods() == ["apps.uninstall", "auth.revoke"]
    assert app.tokens == []


async def test_slack_is_down(
    environment: dict[str, str], server: OAuthServer, tmp_path: Path
) -> None:
    """It says that the app is still installed, and deletes what is stored all the same."""
    app = server.install(App("T1"))
    await stored(environment, of_app(app))
    server.answers["apps.uninstall"] = [web.Response(status=503)]
    code, output, _ = await run(tmp_path, "workspaces", "remove", "T1", "--yes", **environment)
    assert code == 0
    assert output.startswith("Slack can't be reached right now. The app is still installed: ")
    assert keys_of(tmp_path / "slackbot.db") == []


async def test_a_token_that_is_gone(environment: dict[str, str], tmp_path: Path) -> None:
    """Slack has refused it before, or the key is lost: what is stored is deleted."""
    gone = App("T1", tokens=["xoxb-gone"])
    for key, says in (
        (environment["SLACKBOT_ENCRYPTION_KEY"], "The app was uninstalled before."),
        (OTHER_ENCRYPTION_KEY, "Its token can't be decrypted, so the app is still installed: "),
    ):
        await stored(environment, of_app(gone))
        changed = {**environment, "SLACKBOT_ENCRYPTION_KEY": key}
        code, output, _ = await run(tmp_path, "workspaces", "remove", "T1", "--yes", **changed)
        assert (code, output.startswith(says)) == (0, True)
        assert keys_of(tmp_path / "slackbot.db") == []


async def test_a_workspace_that_an_organisation_serves(
    environment: dict[str, str], server: OAuthServer, tmp_path: Path
) -> None:
    """Only the organisation's admins can take the app from it: what is stored is deleted."""
    whole = server.install(App("", "E1", is_for_organisation=True))
    await stored(environment, of_app(whole), installation("T1", "E1", sealed_tokens=""))
    _, output, _ = await run(tmp_path, "workspaces", "remove", "T1", "--yes", **environment)
    assert output.startswith("The organisation's installation still serves it: ")
    assert keys_of(tmp_path / "slackbot.db") == ["installation/E1/-"]
    assert server.calls == []


async def test_a_bot_for_one_workspace(tmp_path: Path) -> None:
    """There is no installation to remove."""
    one = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    code, _, errors = await run(tmp_path, "workspaces", "remove", "T1", "--yes", **one)
    assert (code, errors.startswith("slackbot: SLACK_CLIENT_ID is not set: ")) == (2, True)


async def test_a_deletion_that_was_interrupted(environment: dict[str, str], tmp_path: Path) -> None:
    """It is finished."""
    half = replace(installation("T1", sealed_tokens=""), removing_since=int(time.time()))
    await stored(environment, half)
    code, output, _ = await run(tmp_path, "workspaces", "remove", "T1", "--yes", **environment)
    assert (code, keys_of(tmp_path / "slackbot.db")) == (0, [])
    assert output.startswith("The app was removed before, and its deletion was interrupted.")
