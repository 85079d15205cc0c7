"""What is deleted when Slack reports that the app was removed, over a real store."""

import asyncio
import itertools
import logging
from dataclasses import replace

import pytest
from aiohttp import web

from slackbot.conversation.ids import TeamId, UserId
from slackbot.errors import SlackError, StoreError
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.slack.oauth import token_rotation
from slackbot.slack.payload_workspaces import Removal, RemovalKind
from slackbot.store import RecordStore
from slackbot.workspaces.deletion import ABANDONED_SECONDS
from slackbot.workspaces.installations import InstallationKey
from slackbot.workspaces.token_encryption import EncryptionError
from tests.slack.oauth.oauth_server import App, OAuthServer
from tests.slack.oauth.replica import Clock, replica
from tests.workspaces.samples import key

UNINSTALLED, REVOKED = (
    Removal("app_uninstalled", key("T1")),
    Removal("tokens_revoked", key("T1")),
)


async def remember(store: RecordStore, team: str) -> None:
    """Something is stored about a workspace whose bot has begun."""
    await store.admit_team(TeamId(team))
    change = SettingsChange(UserId("UANA"), ScopeSettings("You are a pirate."), 0)
    assert await store.add_revision(Scope(TeamId(team)), change)


async def teams_stored(store: RecordStore) -> set[str]:
    """The workspaces about which anything is stored but their installation."""
    return set(await store.teams())


async def installed(store: RecordStore) -> list[InstallationKey]:
    return [each.key for each in await store.installations()]


async def test_a_workspace_removes_the_app(server: OAuthServer, store: RecordStore) -> None:
    """Its token, and all that is stored about it; the others keep theirs. A second report changes
    nothing.
    """
    first, second = server.install(App("T1")), server.install(App("T2"))
    async with replica(server, store) as here:
        for app in (first, second):
            await here.save(app)
            await remember(store, app.team)
        server.uninstall(first)
        for _ in range(2):
            await here.removals.on_removal(UNINSTALLED)
        assert await installed(store) == [key("T2")]
        assert await teams_stored(store) == {"T2"}
        assert await here.installed.access(TeamId("T1")) is None


async def test_a_late_report(
    server: OAuthServer, store: RecordStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The app is installed again when the report about the last installation comes."""
    gone = server.install(App("T1"))
    async with replica(server, store) as here:
        await here.save(gone)
        server.uninstall(gone)
        await here.save(server.install(App("T1")))
        await remember(store, "T1")
        await here.removals.on_removal(UNINSTALLED)
        await here.removals.on_removal(REVOKED)
        await here.removals.tick()
        assert await teams_stored(store) == {"T1"}
        assert "or the token works for a moment longer" in caplog.text


async def test_an_early_report(server: OAuthServer, store: RecordStore) -> None:
    """The token still works when the report comes: the bot asks again until it does not."""
    app = server.install(App("T1"))
    async with replica(server, store) as here:
        await here.save(app)
        await remember(store, "T1")
        await here.removals.on_removal(UNINSTALLED)
        assert await teams_stored(store) == {"T1"}
        server.uninstall(app)
        here.clock.now += 60
        await here.removals.tick()
        assert (await installed(store), await teams_stored(store)) == ([], set())


async def test_a_token_is_revoked(
    server: OAuthServer, store: RecordStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a removal it only has to be installed again: nothing is deleted."""
    app = server.install(App("T1"))
    async with replica(server, store) as here:
        await here.save(app)
        await remember(store, "T1")
        app.tokens.clear()
        await here.removals.on_removal(REVOKED)
        await here.removals.tick()
        assert await teams_stored(store) == {"T1"}
        errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
        assert len(errors) == 1
        assert "token of T1" in errors[0]


@pytest.mark.parametrize("ends_installed", [False, True])
async def test_every_order_of_reports(
    server: OAuthServer,
    store: RecordStore,
    ends_installed: bool,  # noqa: FBT001
) -> None:
    """Each comes twice, before and after a new installation, on another replica each time."""
    steps = ["app_uninstalled", "app_uninstalled", "tokens_revoked", "install"]
    clock = Clock()
    async with replica(server, store, clock) as one, replica(server, store, clock) as other:
        for order in sorted(set(itertools.permutations(steps))):
            app = server.install(App("T1"))
            await one.save(app)
            await remember(store, "T1")
            server.uninstall(app)
            for number, step in enumerate(order):
                if step == "install" and ends_installed:
                    app = server.install(App("T1"))
                    await one.save(app)
                    if not await teams_stored(store):
                        await remember(store, "T1")
                elif step != "install":
                    kind: RemovalKind = (
                        "app_uninstalled" if step == "app_uninstalled" else "tokens_revoked"
                    )
                    where = (one, other)[number % 2]
                    await where.removals.on_removal(Removal(kind, key("T1")))
            assert bool(await installed(store)) is ends_installed, order
            assert bool(await teams_stored(store)) is ends_installed, order
            if ends_installed:
                server.uninstall(app)
                await one.removals.on_removal(UNINSTALLED)


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
async def test_slack_does_not_say(
    server: OAuthServer, store: RecordStore, kind: RemovalKind
) -> None:
    """Nothing is deleted, and the report is not acknowledged: Slack sends it again."""
    async with replica(server, store) as here:
        await here.save(server.install(App("T1")))
        await remember(store, "T1")
        server.answers["auth.test"] = [web.Response(status=503)]
        with pytest.raises(SlackError):
            await here.removals.on_removal(Removal(kind, key("T1")))
        assert await teams_stored(store) == {"T1"}


async def test_who_was_never_installed(server: OAuthServer, store: RecordStore) -> None:
    """There is nothing to delete, and nothing to ask Slack."""
    async with replica(server, store) as here:
        await here.removals.on_removal(UNINSTALLED)
        assert server.calls == []


async def test_an_expired_token(
    server: OAuthServer, store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not mean that the app is removed: whether it can be renewed does."""
    monkeypatch.setattr(token_rotation, "RETRY_PAUSES", ())
    server.rotates = True
    app = server.install(App("T1"))
    async with replica(server, store) as here:
        await here.save(app, expires_at=int(here.clock()) - 1)
        await remember(store, "T1")
        server.expired.add(app.tokens[0])
        with pytest.raises(SlackError):
            await here.removals.on_removal(UNINSTALLED)
        await here.removals.on_removal(UNINSTALLED)
        assert await teams_stored(store) == {"T1"}
        stored = await here.stored(key("T1"))
        assert here.installed.tokens(stored).bot == app.tokens[-1] != app.tokens[0]
        server.expired.add(app.tokens[-1])
        app.refresh.clear()
        await here.removals.on_removal(UNINSTALLED)
        assert (await installed(store), await teams_stored(store)) == ([], set())


async def test_an_organisation_removes_the_app(server: OAuthServer, store: RecordStore) -> None:
    """All its workspaces go with it, but for those with an installation of their own."""
    whole = server.install(App("", "E1", is_for_organisation=True, teams=["T1", "T2"]))
    own = server.install(App("T3", "E1"))
    async with replica(server, store) as here:
        await here.save(whole)
        await here.save(own)
        for team in ("T1", "T2", "T3"):
            await here.installed.admit(key(team, "E1"))
            await remember(store, team)
        server.uninstall(whole)
        await here.removals.on_removal(Removal("app_uninstalled", key("", "E1")))
        assert await installed(store) == [key("T3", "E1")]
        assert await teams_stored(store) == {"T3"}


async def test_an_organisation_takes_the_app_from_a_workspace(
    server: OAuthServer, store: RecordStore
) -> None:
    """Only that one's data goes, and only if Slack lists it no more: the report may be late."""
    whole = App("", "E1", is_for_organisation=True, teams=["T1", "T2", "T3"])
    server.install(whole)
    async with replica(server, store) as here:
        await here.save(whole)
        for team in whole.teams:
            await here.installed.admit(key(team, "E1"))
            await remember(store, team)
        report = Removal("team_access_revoked", key("T3", "E1"))
        await here.removals.on_removal(report)
        assert await teams_stored(store) == {"T1", "T2", "T3"}
        whole.teams.remove("T3")
        await here.removals.on_removal(report)
        assert await teams_stored(store) == {"T1", "T2"}
        assert await installed(store) == [key("", "E1"), key("T1", "E1"), key("T2", "E1")]


async def test_an_organisation_takes_over(server: OAuthServer, store: RecordStore) -> None:
    """A workspace's own installation goes, and the organisation's serves it: its data stays."""
    own = server.install(App("T1", "E1"))
    whole = server.install(App("", "E1", is_for_organisation=True, teams=["T1"]))
    async with replica(server, store) as here:
        await here.save(own)
        await here.save(whole)
        await remember(store, "T1")
        server.uninstall(own)
        await here.removals.on_removal(Removal("app_uninstalled", key("T1", "E1")))
        assert await teams_stored(store) == {"T1"}
        access = await here.installed.access(TeamId("T1"))
        assert access is not None
        assert access.token == whole.tokens[0]


async def test_a_deletion_that_ends_in_the_middle(server: OAuthServer, store: RecordStore) -> None:
    """The process dies, or the database fails: another one finishes it, and not while the first one
    may still be at it.
    """
    app, clock = server.install(App("T1")), Clock()

    async def fail(_: TeamId) -> None:
        raise StoreError("The database does not answer.")

    async with replica(server, store, clock, fail) as dying, replica(server, store, clock) as other:
        await dying.save(app)
        await remember(store, "T1")
        server.uninstall(app)
        with pytest.raises(StoreError):
            await dying.removals.on_removal(UNINSTALLED)
        assert (await other.stored(key("T1"))).sealed_tokens == ""
        await other.removals.on_removal(UNINSTALLED)
        await other.removals.tick()
        assert await teams_stored(store) == {"T1"}
        clock.now += ABANDONED_SECONDS + 1
        await dying.removals.tick()
        assert await teams_stored(store) == {"T1"}
        clock.now += ABANDONED_SECONDS + 1
        await other.removals.tick()
        assert (await installed(store), await teams_stored(store)) == ([], set())


async def test_an_installation_during_the_deletion(server: OAuthServer, store: RecordStore) -> None:
    """It waits until the deletion is complete, so nothing of it is deleted."""
    app = server.install(App("T1"))
    deleting, go_on = asyncio.Event(), asyncio.Event()

    async def forget(team: TeamId) -> None:
        deleting.set()
        await go_on.wait()
        await store.forget_team(team)

    async with replica(server, store, forget=forget) as here:
        await here.save(app)
        await remember(store, "T1")
        server.uninstall(app)
        removing = asyncio.create_task(here.removals.on_removal(UNINSTALLED))
        await deleting.wait()
        again = server.install(App("T1"))
        saving = asyncio.create_task(here.save(again))
        go_on.set()
        await asyncio.gather(removing, saving)
        await remember(store, "T1")
        access = await here.installed.access(TeamId("T1"))
        assert access is not None
        assert access.token == again.tokens[0]
        assert await teams_stored(store) == {"T1"}


async def test_an_installation_just_before_the_deletion(
    server: OAuthServer, store: RecordStore
) -> None:
    """Slack has refused the old token when the new one is stored: nothing is deleted."""
    app = server.install(App("T1"))
    async with replica(server, store) as here:
        old = await here.save(app)
        await remember(store, "T1")
        server.uninstall(app)
        new = await here.save(server.install(App("T1")))
        assert not await here.deletion.delete(old)
        assert await here.stored(key("T1")) == new
        assert await teams_stored(store) == {"T1"}


async def test_one_bad_row_does_not_hold_up_the_others(
    server: OAuthServer, store: RecordStore
) -> None:
    """A token that can't be decrypted is no reason to leave the data of another workspace."""
    first, second = server.install(App("T1")), server.install(App("T2"))
    async with replica(server, store) as here:
        reported = int(here.clock())
        for app in (first, second):
            stored = await here.save(app)
            await remember(store, app.team)
            noted = replace(stored, removal_reported_at=reported)
            if app is first:
                noted = replace(noted, sealed_tokens="damaged")
            await store.replace_installation(stored, noted)
            server.uninstall(app)
        await here.removals.tick()
        assert await teams_stored(store) == {"T1"}


@pytest.mark.parametrize("kind", ["app_uninstalled", "team_access_revoked"])
async def test_a_token_that_no_key_decrypts(
    server: OAuthServer, store: RecordStore, kind: RemovalKind, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is deleted unchecked, and the report is not lost: it is followed once the key is
    back, by whichever replica has it.
    """
    app = server.install(App("T1"))
    async with replica(server, store) as here:
        stored = await here.save(app)
        await remember(store, "T1")
        assert await store.replace_installation(stored, replace(stored, sealed_tokens="damaged"))
        server.uninstall(app)
        with pytest.raises(EncryptionError):
            await here.removals.on_removal(REVOKED)
        await here.removals.on_removal(Removal(kind, key("T1")))
        await here.removals.tick()
        assert await teams_stored(store) == {"T1"}
        assert "`slackbot workspaces remove T1`" in caplog.text
        noted = await here.stored(key("T1"))
        back = replace(noted, sealed_tokens=stored.sealed_tokens)
        assert await store.replace_installation(noted, back)
        await here.removals.tick()
        assert await teams_stored(store) == set()
        assert await installed(store) == []
