"""The tools of a team, for tests: `SLACKBOT_TOOLS=tests.tools.sample_tools`."""

import asyncio
import time
from collections import Counter
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from slackbot.tools import Caller, ToolError, tool

runs: Counter[str] = Counter()
"""How often each tool has run."""

gate = asyncio.Event()
"""`wait_for_gate` returns once this is set."""

begun = asyncio.Event()
"""Set when `wait_for_gate` has begun."""


class Command(BaseModel):
    item: str
    number: Annotated[int, Field(gt=0)] = 1


@tool(read_only=True)
def add(a: int, b: int = 1) -> int:
    """Adds two numbers."""
    runs["add"] += 1
    return a + b


@tool(read_only=True)
async def who_am_i(caller: Caller) -> dict[str, str]:
    """Says who is asking."""
    return {"user": caller.user, "channel": caller.channel, "team": caller.team}


@tool
async def order(
    orders: Annotated[list[Command], Field(description="What is wanted.")],
    schema: Literal["fast", "slow"] = "fast",
) -> str:
    """Orders things for the ship."""
    return f"{schema}: {', '.join(f'{each.number} {each.item}' for each in orders)}"


@tool
async def wait_for_gate() -> str:
    """Waits until the gate is open."""
    runs["wait_for_gate"] += 1
    begun.set()
    await gate.wait()
    return "open"


@tool(requires_approval=True)
async def sink(ship: str) -> str:
    """Sinks a ship."""
    runs["sink"] += 1
    return f"{ship} is gone"


@tool
def fail() -> None:
    """Fails."""
    raise ValueError("a secret")


@tool
def refuse() -> None:
    """Fails with a sentence for the model."""
    raise ToolError("The sea is too rough.")


@tool
def leave() -> None:
    """Tries to end the program."""
    raise SystemExit


@tool
async def leave_the_loop() -> None:
    """Tries to end the event loop."""
    raise SystemExit


@tool
async def cancel_itself() -> None:
    """Pretends that it was cancelled."""
    raise asyncio.CancelledError


@tool(time_limit=0.05)
async def hang() -> None:
    """Never ends by itself."""
    runs["hang"] += 1
    while True:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            if runs["stubborn"]:
                continue
            raise


@tool(time_limit=0.05)
def hang_in_a_thread() -> None:
    """Takes longer than it may."""
    time.sleep(0.3)


@tool
def shout() -> str:
    """Returns ten megabytes."""
    return "a" * 10_000_000


@tool
def no_json() -> object:
    """Returns something that is no JSON."""
    return object()


@tool
def nothing() -> None:
    """Returns nothing."""
