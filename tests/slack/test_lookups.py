"""Looking names up: once for all who ask, and without a long wait."""

import asyncio
from collections.abc import Sequence

from slackbot.conversation import turn_reads
from slackbot.errors import UnreachableError
from slackbot.slack.lookups import CACHE_SECONDS, Lookups


class Source:
    """Answers when it is told to."""

    def __init__(self, answers: Sequence[str | Exception]) -> None:
        self.asked: list[str] = []
        self.now = 0.0
        self.open = asyncio.Event()
        self.open.set()
        self._answers = iter(answers)

    def clock(self) -> float:
        return self.now

    async def fetch(self, key: str) -> str:
        self.asked.append(key)
        await self.open.wait()
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_one_call_for_all() -> None:
    """All who ask at the same time share a call, and its answer is known for an hour."""
    source = Source(["a", "b"])
    lookups = Lookups(source.fetch, timeout=60.0, clock=source.clock)
    assert await asyncio.gather(*(lookups.get("C1") for _ in range(9))) == ["a"] * 9
    source.now = CACHE_SECONDS - 1
    assert await lookups.get("C1") == "a"
    source.now = CACHE_SECONDS + 1
    assert await lookups.get("C1") == "b"
    assert source.asked == ["C1", "C1"]


async def test_late_answers() -> None:
    """A call that takes too long goes on: its answer is known the next time."""
    source = Source(["a"])
    source.open.clear()
    lookups = Lookups(source.fetch, timeout=0.0)
    assert [await lookups.get("C1"), await lookups.get("C1")] == [None, None]
    (call,) = asyncio.all_tasks() - {asyncio.current_task()}
    source.open.set()
    await call
    assert await lookups.get("C1") == "a"
    assert source.asked == ["C1"]


async def test_failures_are_not_remembered() -> None:
    """After a failure Slack is asked again."""
    source = Source([UnreachableError("conversations.info", sent=True), "a"])
    lookups = Lookups(source.fetch, timeout=60.0)
    assert [await lookups.get("C1"), await lookups.get("C1")] == [None, "a"]


async def test_closing() -> None:
    """Calls that are under way end with the bot."""
    source = Source(["a"])
    source.open.clear()
    lookups = Lookups(source.fetch, timeout=0.0)
    await lookups.get("C1")
    await lookups.close()
    assert await lookups.get("C1") is None
    assert source.asked == ["C1", "C1"]
    await lookups.close()


async def test_names_for_one_turn() -> None:
    """It has a share of calls; a name that is known, or that is being asked for, costs nothing."""
    turn_reads.begin_turn()
    most = turn_reads.MAX_NAMES
    source = Source([f"name {number}" for number in range(most + 1)])
    lookups = Lookups(source.fetch, timeout=60.0, clock=source.clock)
    keys = [f"U{number}" for number in range(2 * most)]
    found = await asyncio.gather(*(lookups.get(key) for key in (*keys, *keys)))
    assert [name is not None for name in found] == [*([True] * most), *([False] * most)] * 2
    assert len(source.asked) == most
    assert await lookups.ask("U0") == f"name {most}"
