"""How much one turn may read."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation import turn_reads
from slackbot.conversation.turn_reads import Allowance, TurnReads
from slackbot.errors import ToolError


@given(st.integers(0, 50), st.integers(0, 60))
def test_an_allowance(most: int, tries: int) -> None:
    """So many are taken, and no more."""
    allowance = Allowance(most)
    assert sum(allowance.take() for _ in range(tries)) == min(most, tries)


async def test_a_turn_and_its_tasks() -> None:
    """All that works for a turn shares what it may read; other turns have their own."""

    async def names_left() -> int:
        return turn_reads.current().names.left

    async def turn() -> tuple[int, int]:
        turn_reads.begin_turn()
        before = await names_left()
        turn_reads.current().names.take()
        return before, await asyncio.create_task(names_left())

    most = turn_reads.MAX_NAMES
    turns = [asyncio.create_task(turn()) for _ in range(2)]
    assert await asyncio.gather(*turns) == [(most, most - 1)] * 2
    turn_reads.current().names.take()
    assert await names_left() == most


async def test_calls_are_counted_for_a_block() -> None:
    """Those that are made in it, also by tasks that it starts; any others are free."""

    async def call() -> bool:
        return turn_reads.take_call()

    allowance = Allowance(3)
    with turn_reads.counting(allowance):
        made = [await call(), *await asyncio.gather(*(asyncio.create_task(call()) for _ in "123"))]
        with turn_reads.counting(Allowance(0)):
            assert not await call()
    assert made == [True, True, True, False]
    assert await call()
    assert allowance.left == 0


async def test_the_same_once() -> None:
    """What several ask for at once is read once, and again only if that failed."""
    reads, number = TurnReads(), 0

    async def read() -> str:
        nonlocal number
        number += 1
        await asyncio.sleep(0)
        if number == 1:
            raise ToolError("not now")
        return f"read {number}"

    with pytest.raises(ToolError):
        await reads.once("a", read)
    assert {*await asyncio.gather(*(reads.once("a", read) for _ in range(9)))} == {"read 2"}
    assert await reads.once("b", read) == "read 3"
