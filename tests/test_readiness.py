"""Whether the bot can take work: what is asked, how often, and what is answered."""

import asyncio

import pytest

from slackbot.errors import StoreError
from slackbot.readiness import NO_ANSWER, Readiness, failing


class Part:
    """A part that works, fails or hangs, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.problem = ""
        self.answers = asyncio.Event()
        self.answers.set()

    async def check(self) -> str:
        self.asked += 1
        await self.answers.wait()
        return self.problem


async def test_each_part_that_fails_is_named() -> None:
    """A bot whose parts work has no problems; otherwise there is a line for each part."""
    readiness, works, fails = Readiness(), Part(), Part()
    readiness.add("one", works.check)
    readiness.add("two", fails.check)
    assert await readiness.problems() == []
    fails.problem = "It is ill."
    assert await readiness.problems() == ["two: It is ill."]


async def test_many_probes_are_one_check() -> None:
    """All who ask at the same time share a check, and later ones get its result while it is
    fresh, also where it failed.
    """
    readiness, fresh, part = Readiness(), Part(), Part()
    part.problem = "It is ill."
    readiness.add("fresh", fresh.check)
    readiness.add("disk", part.check, max_age_seconds=3600.0)
    found = await asyncio.gather(*(readiness.problems() for _ in range(20)))
    assert found == [["disk: It is ill."]] * 20
    part.problem = ""
    assert await readiness.problems() == ["disk: It is ill."]
    assert (fresh.asked, part.asked) == (2, 1)


async def test_a_part_that_hangs() -> None:
    """It counts as failed after a second and is not asked again meanwhile; once it answers, its
    answer counts.
    """
    readiness, part = Readiness(), Part()
    readiness.add("disk", part.check)
    part.answers.clear()
    assert await readiness.problems() == [f"disk: {NO_ANSWER}"]
    assert await readiness.problems() == [f"disk: {NO_ANSWER}"]
    assert part.asked == 1
    part.answers.set()
    assert await readiness.problems() == []
    part.answers.clear()
    await readiness.problems()
    await readiness.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_sentence_of_an_error() -> None:
    """What the part raises for people says what is wrong; a bug is not hidden."""

    async def ill() -> None:
        raise StoreError("The disk is full.")

    async def bug() -> None:
        raise LookupError

    readiness = Readiness()
    readiness.add("disk", failing(ill))
    assert await readiness.problems() == ["disk: The disk is full."]
    readiness.add("bug", failing(bug))
    with pytest.raises(LookupError):
        await readiness.problems()
