"""Checks that the bot holds no more memory, tasks or file handles after thousands of turns.

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

from benchmarks.environment import answers, bot_environment, resident_mib, temporary_folder
from slackbot import config
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.startup import running

CHANNELS = 10
TURNS_PER_THREAD = 25
MAX_GROWTH_MIB = 10.0
"""How much memory the process may gain between the first sample and the end."""

MAX_EXTRA_HANDLES = 10
"""Pooled connections come and go."""


class ProcessState(NamedTuple):
    """What the bot's process holds while it is idle."""

    turns: int
    resident: float
    tasks: int
    handles: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5_000)
    parser.add_argument("--samples", type=int, default=10, help="how often to measure")
    parser.add_argument("--serve", action="store_true", help="run Slack and the model only")
    options = parser.parse_args()
    asyncio.run((serve_slack_and_model if options.serve else soak)(options.turns, options.samples))


async def soak(turns: int, samples: int) -> None:
    states = []
    print("| turns | resident | tasks | file handles |\n| --- | --- | --- | --- |")
    async with other_process(turns, samples) as lines, temporary_folder() as folder:
        settings = json.loads(await anext(lines))
        settings["DATABASE_URL"] = f"sqlite:///{folder / 'slackbot.db'}"
        async with running(config.parse(settings)) as service:
            async for line in lines:
                await service.bot.idle()
                states.append(measure_process(int(line)))
                found = states[-1]
                row = f"{found.turns:,} | {found.resident:.0f} MiB | {found.tasks}"
                print(f"| {row} | {found.handles} |", flush=True)
    warm, end = states[0], states[-1]
    assert end.turns == turns
    assert end.resident - warm.resident < MAX_GROWTH_MIB, "memory grows"
    assert end.tasks <= warm.tasks, "tasks are left behind"
    assert end.handles <= warm.handles + MAX_EXTRA_HANDLES, "file handles are left open"


def measure_process(turns: int) -> ProcessState:
    gc.collect()
    handles = len(list(Path("/proc/self/fd").iterdir()))
    return ProcessState(turns, resident_mib(os.getpid()), len(asyncio.all_tasks()), handles)


@asynccontextmanager
async def other_process(turns: int, samples: int) -> AsyncIterator[AsyncIterator[bytes]]:
    """Runs Slack and the model in another process; gives the lines of its output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.soak", "--serve"),
        *("--turns", str(turns), "--samples", str(samples)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield aiter(process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def serve_slack_and_model(turns: int, samples: int) -> None:
    """Prints the settings for the bot, then the number of turns after each part of them."""
    async with Workspace() as workspace, ModelServer(answer=answer) as model:
        print(json.dumps(bot_environment(workspace, model)), flush=True)
        done = 0
        for part in range(1, samples + 1):
            due = turns * part // samples - done
            await asyncio.gather(
                *(run_turns(workspace, f"{part}-{n}", due, n) for n in range(CHANNELS))
            )
            done += due
            print(done, flush=True)
            workspace.calls.clear()
            workspace.deliveries.clear()
            model.requests.clear()
            model.headers.clear()
            model.streams.clear()


async def run_turns(workspace: Workspace, name: str, due: int, number: int) -> None:
    """Runs one channel's share of the turns, in threads of equal length."""
    person = workspace.add_person(f"Ana {name}")
    channel = workspace.add_channel(name, members=[person])
    share = due // CHANNELS + (number < due % CHANNELS)
    root = None
    for turn in range(share):
        start = turn % TURNS_PER_THREAD == 0
        said = f"{workspace.bot.mention} question {turn}"
        message = await workspace.say(
            person, channel, said, thread=None if start or root is None else root.ts
        )
        root = message if start or root is None else root
        there = turn % TURNS_PER_THREAD + 1
        await workspace.until(partial(has_ended, workspace, root, there), timeout=120.0)


def has_ended(workspace: Workspace, root: PostedMessage, number: int) -> bool:
    """Whether this many answers in a thread are complete."""
    whole = [message for message in answers(workspace, root) if message.shown.endswith("end.")]
    return len(whole) == number


def answer(request: Mapping[str, object]) -> str:
    return "word " * (20 + len(str(request)) % 80) + "end."


if __name__ == "__main__":
    main()
