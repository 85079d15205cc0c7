"""Databases that benchmarks fill."""

from pathlib import Path

from benchmarks.stored_threads import CHANNEL, TEAM, store_thread, store_threads
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.store import open_store


async def test_each_copied_thread_reads_as_if_the_bot_had_stored_it(tmp_path: Path) -> None:
    """All threads have their turns, under a ts of their own, and none waits for an answer."""
    await store_threads(tmp_path / "a.db", threads=3, turns=2)
    store = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    for number in range(3):
        thread = ThreadKey(TEAM, CHANNEL, Ts(f"179000000{number}.000000"))
        conversation = await store.load(thread)
        assert [turn.messages[0].ts for turn in conversation.turns] == [
            f"179000000{number}.000000",
            f"179000000{number}.000001",
        ]
        assert await store.knows(thread, Ts(f"179000000{number}.500001"))
    assert not await store.unanswered()
    await store.close()


async def test_one_thread_of_a_workspace(tmp_path: Path) -> None:
    """A single thread is stored under its own key, and goes on where its turns end."""
    thread = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1790000000.123456"))
    await store_thread(tmp_path / "a.db", thread, turns=3)
    store = await open_store(f"sqlite:///{tmp_path / 'a.db'}")
    conversation = await store.load(thread)
    assert conversation.length == 3
    assert conversation.turns[0].messages[0].ts == thread.ts
    await store.close()
