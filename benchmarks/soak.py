"""Thousands of turns in one process of the bot: is what it holds the same at the end?

uv run python -m benchmarks.soak

The bot runs in this process, which counts its own tasks and file handles; Slack and the model run
in another one. Posts are paced as in a real workspace, so 5,000 turns take about half an hour.
"""

import argparse
import asyncio
import gc
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.environment import answers, environment, folder, resident_mib
from slackbot import config
from slackbot.app import running
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace

CHANNELS = 10
TURNS_A_THREAD = 25
GROWTH = 10.0
"""MiB that a process may gain between its warm state and the end."""

SPARE = 10
"""Connections that are kept for the next call come and go."""


class State(NamedTuple):
    """What the bot's process holds while nothing is being answered."""

    turns: int
    resident: float
    tasks: int
    handles: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5_000)
    parser.add_argument("--looks", type=int, default=10, help="how often the process is looked at")
    parser.add_argument("--world", action="store_true", help="be Slack and the model")
    options = parser.parse_args()
    asyncio.run((world if options.world else soak)(options.turns, options.looks))


async def soak(turns: int, looks: int) -> None:
    states = []
    print("| turns | resident | tasks | file handles |\n| --- | --- | --- | --- |")
    async with outside(turns, looks) as lines, folder() as place:
        settings = json.loads(await anext(lines))
        settings["DATABASE_URL"] = f"sqlite:///{place / 'slackbot.db'}"
        async with running(config.parse(settings)) as service:
            async for line in lines:
                await service.bot.idle()
                states.append(look(int(line)))
                found = states[-1]
                row = f"{found.turns:,} | {found.resident:.0f} MiB | {found.tasks}"
                print(f"| {row} | {found.handles} |", flush=True)
    warm, end = states[0], states[-1]
    assert end.turns == turns
    assert end.resident - warm.resident < GROWTH, "memory grows"
    assert end.tasks <= warm.tasks, "tasks are left behind"
    assert end.handles <= warm.handles + SPARE, "file handles are left open"


def look(turns: int) -> State:
    gc.collect()
    handles = len(list(Path("/proc/self/fd").iterdir()))
    return State(turns, resident_mib(os.getpid()), len(asyncio.all_tasks()), handles)


@asynccontextmanager
async def outside(turns: int, looks: int) -> AsyncIterator[AsyncIterator[bytes]]:
    """Slack and the model in a process of their own; gives what it says, line by line."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.soak", "--world"),
        *("--turns", str(turns), "--looks", str(looks)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield aiter(process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def world(turns: int, looks: int) -> None:
    """Says how to connect, then after each part of the turns how many there have been."""
    async with Workspace() as workspace, ModelServer(answer=answer) as model:
        print(json.dumps(environment(workspace, model)), flush=True)
        done = 0
        for part in range(1, looks + 1):
            due = turns * part // looks - done
            await asyncio.gather(*(talk(workspace, f"{part}-{n}", due, n) for n in range(CHANNELS)))
            done += due
            print(done, flush=True)
            workspace.calls.clear()
            workspace.deliveries.clear()
            model.requests.clear()
            model.headers.clear()
            model.streams.clear()


async def talk(workspace: Workspace, name: str, due: int, number: int) -> None:
    """One channel's share of the turns, in threads of a few each."""
    person = workspace.add_person(f"Ana {name}")
    channel = workspace.add_channel(name, members=[person])
    share = due // CHANNELS + (number < due % CHANNELS)
    root = None
    for turn in range(share):
        start = turn % TURNS_A_THREAD == 0
        said = f"{workspace.bot.mention} question {turn}"
        message = await workspace.say(
            person, channel, said, thread=None if start or root is None else root.ts
        )
        root = message if start or root is None else root
        there = turn % TURNS_A_THREAD + 1
        await workspace.until(partial(has_ended, workspace, root, there), timeout=120.0)


def has_ended(workspace: Workspace, root: PostedMessage, number: int) -> bool:
    """Whether so many answers of a thread have come to their end."""
    whole = [message for message in answers(workspace, root) if message.shown.endswith("end.")]
    return len(whole) == number


def answer(request: Mapping[str, object]) -> str:
    return "word " * (20 + len(str(request)) % 80) + "end."


if __name__ == "__main__":
    main()
