"""Requests that were carried out lately."""

from hashlib import sha256
from pathlib import Path

from slackbot.conversation.ids import TeamId
from slackbot.store import keys
from slackbot.store.requests import REMEMBERED_SECONDS, RequestTable
from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.table import SqliteTable
from tests.store.rows import keys_of

TEAM, OTHER = TeamId("T1"), TeamId("T2")


async def test_each_request_once(tmp_path: Path) -> None:
    """A request is known again, also by the next process, and in its workspace alone."""
    path = tmp_path / "a.db"
    store = await SqliteStore.open(path)
    assert await store.claim_request(TEAM, "1/2")
    assert not await store.claim_request(TEAM, "1/2")
    assert await store.claim_request(OTHER, "1/2")
    await store.close()
    store = await SqliteStore.open(path)
    assert not await store.claim_request(TEAM, "1/2")
    assert await store.claim_request(TEAM, "1/3")
    await store.close()


async def test_requests_of_a_workspace_that_has_gone(tmp_path: Path) -> None:
    """When a workspace removes the app, its requests are deleted too."""
    path = tmp_path / "a.db"
    store = await SqliteStore.open(path)
    await store.claim_request(TEAM, "1")
    await store.claim_request(OTHER, "1")
    await store.forget_team(TEAM)
    await store.close()
    assert [keys.team_of(key) for key in keys_of(path) if key.startswith("request/")] == [OTHER]


def test_old_requests_are_forgotten(tmp_path: Path) -> None:
    """After ten minutes a request is not stored any more: its signature is too old by then."""
    table, now = SqliteTable.open(tmp_path / "a.db"), 1_000.0
    requests = RequestTable(table, lambda: now)
    assert requests.claim(TEAM, "1")
    now += REMEMBERED_SECONDS
    assert not requests.claim(TEAM, "1")
    now += 1
    assert requests.claim(TEAM, "2")
    assert [key[-64:] for key in table.keys("request/")] == [sha256(b"2").hexdigest()]
    table.close()
