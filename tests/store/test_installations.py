"""Who has installed the app, as every store keeps it."""

import asyncio
from dataclasses import replace

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery.rate_memory import RateMemory
from slackbot.errors import UninstalledError
from slackbot.llm.tool_pins import ServerPins
from slackbot.store import RecordStore, open_store
from slackbot.workspaces.installations import Installation
from tests.workspaces.samples import ENCRYPTION, installation, key


async def test_another_run_reads_them(url: str) -> None:
    """Each workspace and each organisation has its own."""
    store = await open_store(url)
    saved = [
        installation("T1"),
        installation("T2", "E1", expires_at=1_700_043_200, refreshing_since=1_700_000_000),
        installation("", "E1"),
        installation("T3", "E1", sealed_tokens=""),
        installation("T4", removing_since=1_700_000_000, removal_reported_at=1_700_000_000),
        installation("T5", team_name="Grüße 👋 \x00", enterprise_name="\ud800"),
    ]
    for each in saved:
        await store.save_installation(each)
    await store.close()
    store = await open_store(url)
    assert {each.key: each for each in await store.installations()} == {
        each.key: each for each in saved
    }
    for each in saved:
        assert await store.installation(each.key) == each
    assert await store.installation(key("T9")) is None
    assert await store.installation(key("", "E9")) is None
    await store.close()


async def test_a_workspace_that_moves_into_an_organisation(store: RecordStore) -> None:
    """It is found by its ID alone, and its next installation takes the place of the old one."""
    await store.save_installation(installation("T1"))
    assert await store.installation(key("T1", "E1")) == installation("T1")
    await store.save_installation(moved := installation("T1", "E1"))
    assert await store.installations() == [moved]
    assert await store.installation(key("T1")) == moved


async def test_only_what_was_read_is_replaced(store: RecordStore) -> None:
    """Of two that change the same row, the second one is told."""
    first, second = installation("T1"), installation("T1", scopes=("commands",))
    await store.save_installation(first)
    assert await store.replace_installation(first, second)
    assert not await store.replace_installation(first, None)
    assert await store.installations() == [second]
    assert await store.replace_installation(second, None)
    assert not await store.replace_installation(second, first)
    assert await store.installations() == []


async def test_of_many_at_once_one_wins(url: str) -> None:
    """On two replicas, where the database allows two."""
    one = await open_store(url)
    other = await open_store(url, shared=True)
    first = installation("T1")
    await one.save_installation(first)
    claims = [
        store.replace_installation(first, replace(first, refreshing_since=number))
        for number, store in enumerate([one, other] * 5)
    ]
    assert sorted(await asyncio.gather(*claims)) == [False] * 9 + [True]
    await one.close()
    await other.close()


async def test_a_replacement_under_another_organisation(store: RecordStore) -> None:
    """What was read is replaced by what it becomes, whatever its key was."""
    old = installation("T1")
    await store.save_installation(old)
    new = replace(old, key=key("T1", "E1"))
    assert await store.replace_installation(old, new)
    assert await store.installations() == [new]


async def test_what_is_deleted_of_a_workspace(store: RecordStore) -> None:
    """Its data goes, and its installation stays until it is removed itself."""
    await store.save_installation(kept := installation("T1", "E1"))
    await store.forget_team(TeamId("T1"))
    assert await store.installations() == [kept]
    assert ENCRYPTION.open(kept.sealed_tokens, kept.key).bot == "xoxb-T1"


async def test_a_workspace_that_comes_back(store: RecordStore) -> None:
    """What is learned of Slack's limits is stored again once a bot begins in the workspace."""
    team, learned = TeamId("T1"), RateMemory(lengths=(1.0,))
    await store.forget_team(team)
    assert await store.rates(team) is None
    await store.save_rates(team, learned)
    assert await store.rates(team) == learned


def hello(team: str) -> MessageReceived:
    thread = ThreadKey(TeamId(team), ChannelId("C1"), Ts("1.000100"))
    return MessageReceived(Message(thread, Ts("1.000100"), UserId("UANA"), "hello"))


@pytest.mark.parametrize("removed", [None, installation("T1", "E1", removing_since=1_700_000_000)])
async def test_nothing_is_stored_behind_a_deletion(url: str, removed: Installation | None) -> None:
    """A late event, or anything else of a workspace that is being removed, or is gone, is refused,
    on another replica too; an installation ends that, and other workspaces go on.
    """
    store = await open_store(url)
    other = await open_store(url, shared=True)
    first, second = installation("T1", "E1"), installation("T2")
    for each in (first, second):
        await store.save_installation(each)
    for bots in (store.for_installed(), other.for_installed()):
        await store.save_installation(first)
        await bots.admit(TeamId("T1"))
        assert await bots.append(hello("T1"), opens=True)
        await store.replace_installation(first, removed)
        await store.forget_team(TeamId("T1"))
        with pytest.raises(UninstalledError):
            await bots.append(hello("T1"), opens=True)
        with pytest.raises(UninstalledError):
            await bots.claim_request(TeamId("T1"), "once")
        assert await bots.append(hello("T2"), opens=True)
        assert not await store.events(hello("T1").thread)
        await store.forget_team(TeamId("T2"))
        await store.save_installation(first)
        assert await bots.append(hello("T1"), opens=True)
        await store.forget_team(TeamId("T1"))
    await other.close()
    await store.close()


async def test_tools_of_a_workspace_that_comes_back(store: RecordStore) -> None:
    """What its servers offer is stored again, whichever part of its bot begins first."""
    team, pins = TeamId("T1"), ServerPins(told_at=1)
    bots = store.for_installed()
    await store.save_installation(installation("T1"))
    await store.forget_team(team)
    await bots.save_tool_pins(team, "files", pins)
    assert await bots.tool_pins(team, "files") == pins
