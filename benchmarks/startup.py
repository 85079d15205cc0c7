"""Measures how long `slackbot serve` takes until it is connected, and `slackbot check` in all.

    uv run python -m benchmarks.startup [--runs 9] [--no-bytecode]

The workspace answers each call after 80 ms, and the model at once. Each command runs once before it
is measured, so that Python has written its bytecode; with --no-bytecode it can't, and compiles all
modules at each start, as in an image that was built without bytecode. A bare interpreter starts in
turns with the commands: what it takes tells how busy the machine is.
"""

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.environment import bot_environment, cpu_seconds, running_bot, temporary_folder
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.manifest import scopes

CALL_LATENCY_SECONDS = 0.08
"""How long a call to Slack takes."""

RUNS = 9

NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/nowhere"}


@dataclass(slots=True)
class MeasuredCommand:
    """One command, and what each of its runs took."""

    name: str
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.name:16}{median(self.seconds):6.2f} s, "
            f"{min(self.seconds):.2f} to {max(self.seconds):.2f} s, "
            f"{median(self.cpu_seconds):.2f} s of CPU"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="how often to measure each command")
    parser.add_argument("--no-bytecode", action="store_true", help="compile at each start")
    options = parser.parse_args()
    print(f"median of {options.runs} runs, {CALL_LATENCY_SECONDS * 1000:.0f} ms a call to Slack")
    changes = NO_BYTECODE if options.no_bytecode else {}
    for command in asyncio.run(measure(options.runs, changes)):
        print(command)


async def measure(runs: int, changes: dict[str, str]) -> Sequence[MeasuredCommand]:
    """Runs the commands in turns, with these changes to their environment."""
    async with (
        temporary_folder() as folder,
        Workspace(latency=CALL_LATENCY_SECONDS) as workspace,
        ModelServer(answer=lambda _: "Hello") as model,
    ):
        workspace.scopes = set(scopes())
        database = f"sqlite:///{folder / 'slackbot.db'}"
        environment = {**bot_environment(workspace, model), "DATABASE_URL": database, **changes}
        serve, check, bare = (
            MeasuredCommand("slackbot serve"),
            MeasuredCommand("slackbot check"),
            MeasuredCommand("python -c pass"),
        )
        for _ in range(1 + runs):
            await connect(serve, workspace, model, folder, changes)
            await run(check, "-m", "slackbot", "check", **environment)
            await run(bare, "-c", "pass", **environment)
    commands = (serve, check, bare)
    for command in commands:
        del command.seconds[0], command.cpu_seconds[0]
    return commands


async def connect(
    command: MeasuredCommand,
    workspace: Workspace,
    model: ModelServer,
    folder: Path,
    changes: dict[str, str],
) -> None:
    """Runs `slackbot serve` until it says that it is connected."""
    began = time.perf_counter()
    async with running_bot(workspace, model, folder, **changes) as pid:
        command.seconds.append(time.perf_counter() - began)
        command.cpu_seconds.append(cpu_seconds(pid))


async def run(command: MeasuredCommand, *arguments: str, **environment: str) -> None:
    """Runs Python to its end, which has to be a good one."""
    began, cpu_began = time.perf_counter(), _cpu_seconds_of_children()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        env={"PATH": os.environ["PATH"], **environment},
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0
    command.seconds.append(time.perf_counter() - began)
    command.cpu_seconds.append(_cpu_seconds_of_children() - cpu_began)


def _cpu_seconds_of_children() -> float:
    """The user and system time of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
