"""Tokens are renewed before they expire, by one replica."""

import asyncio
import logging
import time
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from slackbot.conversation.ids import TeamId
from slackbot.errors import SlackError
from slackbot.slack.oauth import token_rotation
from slackbot.store import RecordStore
from tests.slack.oauth.oauth_server import App, OAuthServer, refusal
from tests.slack.oauth.replica import Clock, Replica, replica
from tests.store.faults import failing_writes
from tests.workspaces.samples import installation, key

T1 = TeamId("T1")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between attempts are short."""
    monkeypatch.setattr(token_rotation, "RETRY_PAUSES", (0.0, 0.0))


def expiring(server: OAuthServer) -> App:
    server.rotates = True
    return server.install(App("T1"))


async def token(here: Replica) -> str:
    access = await here.installed.access(T1)
    assert access is not None
    return access.token


def soon(here: Replica, *, seconds: int = 3_600) -> int:
    return int(here.clock()) + seconds


def renewals(server: OAuthServer) -> int:
    return server.methods().count("oauth.v2.access")


async def test_a_token_is_renewed_before_it_expires(
    server: OAuthServer, store: RecordStore
) -> None:
    """Two hours before, and not earlier; the next one is stored with what renews it."""
    app = expiring(server)
    async with replica(server, store) as here:
        await here.save(app, expires_at=soon(here, seconds=7_201))
        await here.rotation.tick()
        assert renewals(server) == 0
        here.clock.now += 2
        before = int(time.time())
        await here.rotation.tick()
        assert renewals(server) == 1
        assert await token(here) == app.tokens[-1] != app.tokens[0]
        stored = await here.stored(key("T1"))
        assert stored.expires_at in range(before + 43_190, before + 43_300)
        assert stored.refreshing_since is None
        assert here.installed.tokens(stored).refresh == app.refresh[-1]
        await here.rotation.tick()
        assert renewals(server) == 1


async def test_a_token_that_lasts(server: OAuthServer, store: RecordStore) -> None:
    """It is never renewed; nor is the token of a workspace that uses its organisation's."""
    async with replica(server, store) as here:
        await here.save(server.install(App("T1")))
        await store.add_installation(installation("T2", "E1", sealed_tokens=""))
        await here.rotation.tick()
        assert server.calls == []


async def test_access_renews_what_is_due(server: OAuthServer, store: RecordStore) -> None:
    """After a night without the bot, the first question finds a token that works."""
    app = expiring(server)
    async with replica(server, store) as here:
        await here.save(app, expires_at=soon(here, seconds=-40_000))
        access = await here.rotation.access(T1)
        assert access is not None
        assert access.token == app.tokens[-1] != app.tokens[0]
        assert await here.rotation.access(TeamId("T9")) is None


async def test_a_removal_before_the_first_look(server: OAuthServer, store: RecordStore) -> None:
    """Who uses a token is told that it is gone, though no look at all of them has seen it."""
    async with replica(server, store) as here:
        await here.save(server.install(App("T1")))
        assert await here.rotation.access(TeamId("T1")) is not None
        installation = await store.installation(key("T1"))
        assert installation is not None
        await store.replace_installation(installation, None)
        await here.rotation.tick()
        assert here.changed == [key("T1")]


async def test_one_replica_renews(server: OAuthServer, store: RecordStore) -> None:
    """However many look at the same time; the others notice the new token."""
    app, clock = expiring(server), Clock()
    async with replica(server, store, clock) as one, replica(server, store, clock) as other:
        await one.save(app, expires_at=soon(one, seconds=7_300))
        await asyncio.gather(one.rotation.tick(), other.rotation.tick())
        clock.now += 200
        await asyncio.gather(*(each.rotation.tick() for each in (one, other) * 3))
        assert renewals(server) == 1
        await asyncio.gather(one.rotation.tick(), other.rotation.tick())
        assert (one.changed, other.changed) == ([key("T1")], [key("T1")])
        assert await token(other) == app.tokens[-1]


@pytest.mark.parametrize("lost", [1, 2])
async def test_an_answer_is_lost(server: OAuthServer, store: RecordStore, lost: int) -> None:
    """Slack has renewed the token and we did not hear of it: the bot asks again at once."""
    app = expiring(server)
    server.lost += ["oauth.v2.access"] * lost
    async with replica(server, store) as here:
        await here.save(app, expires_at=soon(here))
        await here.rotation.tick()
        assert renewals(server) == lost + 1
        assert await token(here) in app.tokens


async def test_slack_is_down(
    server: OAuthServer, store: RecordStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The old token stays in use, and the next look tries again."""
    app = expiring(server)
    server.answers["oauth.v2.access"] = [web.Response(status=503) for _ in range(3)]
    async with replica(server, store) as here:
        before = await here.save(app, expires_at=soon(here))
        await here.rotation.tick()
        assert await here.stored(key("T1")) == before
        assert "The token of T1 is not renewed yet" in caplog.text
        await here.rotation.tick()
        assert await token(here) == app.tokens[-1] != app.tokens[0]


async def test_slack_refuses(
    server: OAuthServer, store: RecordStore, caplog: pytest.LogCaptureFixture
) -> None:
    """One line says which workspace has to install the app again; the token is used to its end,
    and another installation begins afresh.
    """
    app = expiring(server)
    async with replica(server, store) as here:
        await here.save(app, expires_at=soon(here))
        app.refresh.clear()
        for _ in range(3):
            await here.rotation.tick()
        errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
        assert len(errors) == 1
        assert errors[0].startswith("The token of T1 can't be renewed (Slack says invalid_refresh")
        assert await token(here) == app.tokens[-1]
        again = server.install(App("T1"))
        await here.save(again, expires_at=soon(here))
        await here.rotation.tick()
        assert await token(here) == again.tokens[-1] != again.tokens[0]


async def test_a_replica_dies_in_the_middle(server: OAuthServer, store: RecordStore) -> None:
    """Another one goes on after a minute."""
    app = expiring(server)
    async with replica(server, store) as here:
        begun = await here.save(app, expires_at=soon(here))
        claimed = replace(begun, refreshing_since=int(here.clock()))
        await store.replace_installation(begun, claimed)
        await here.rotation.tick()
        assert renewals(server) == 0
        here.clock.now += 61
        await here.rotation.tick()
        assert await token(here) == app.tokens[-1] != app.tokens[0]


async def test_new_tokens_are_stored_whatever_happens(
    server: OAuthServer, store: RecordStore, path: Path
) -> None:
    """The database fails after Slack has answered: the bot keeps the tokens, and tries again, also
    if nobody waits for it any more.
    """
    app = expiring(server)
    async with replica(server, store) as here:
        stored = await here.save(app, expires_at=soon(here))
        answered = asyncio.create_task(server.called("oauth.v2.access"))
        renewing = asyncio.create_task(here.rotation.renew(stored))
        await answered
        with failing_writes(f"sqlite:///{path}", "installation/"):
            renewing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await renewing
        await here.rotation.close()
        assert await token(here) == app.tokens[-1] != app.tokens[0]


async def test_a_new_installation_wins(server: OAuthServer, store: RecordStore) -> None:
    """The app is installed again while its old token is renewed: the new token stays."""
    app = expiring(server)
    async with replica(server, store) as here:
        stored = await here.save(app, expires_at=soon(here))
        again = server.install(App("T1"))
        server.answers["oauth.v2.access"] = [web.Response(status=503)]
        answered = asyncio.create_task(server.called("oauth.v2.access"))
        renewing = asyncio.create_task(here.rotation.renew(stored))
        await answered
        await here.save(again, expires_at=soon(here, seconds=40_000))
        assert await renewing
        assert await token(here) == again.tokens[0]


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": True, "token_type": "user", "access_token": "xoxp-1", "expires_in": 43_200},
        {"ok": True, "token_type": "bot", "access_token": "xoxb-1"},
        {"ok": True, "token_type": "bot", "access_token": "xoxb-1", "expires_in": "soon"},
        refusal("a_new_code"),
    ],
)
async def test_odd_answers(
    server: OAuthServer, store: RecordStore, answer: dict[str, object]
) -> None:
    """What is no new token changes nothing."""
    app = expiring(server)
    server.answers["oauth.v2.access"] = [web.json_response(answer) for _ in range(3)]
    async with replica(server, store) as here:
        before = await here.save(app, expires_at=soon(here))
        with pytest.raises(SlackError):
            await here.rotation.renew(before)
        assert await here.stored(key("T1")) == before
