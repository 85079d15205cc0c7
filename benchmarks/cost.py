"""Measures the CPU time per streamed chunk: the whole bot against two minimal clients.

    uv run python -m benchmarks.cost

The minimal clients read the same answers: one with the openai client's typed stream, one with raw
lines and a JSON parser. Each is a process with a server of its own. They take turns, so that other
work on the machine slows them down alike. The first turn does not count, as everything is imported
and connected there.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from openai import AsyncOpenAI

from benchmarks.environment import answers, cpu_seconds, running_bot, temporary_folder
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace

WORDS = 300
SECONDS_PER_WORD = 1 / 40
REPLIES_AT_ONCE = (1, 10)
ROUNDS = 3
ROUND_SECONDS = 61.0
"""At least, from one round to the next: Slack's limits of a minute are unused again by then."""

ROUND_TIMEOUT_SECONDS = 120.0

MODES = ("edit", "auto")
"""How the bot's messages grow."""


@dataclass
class Cost:
    """What one contestant has used so far."""

    cpu_seconds: float = 0.0
    calls: int = 0
    """To Slack."""


Contestant = Callable[[Cost], Awaitable[None]]
"""Reads the answers once, and adds what that costs."""


def main() -> None:
    if len(sys.argv) > 1:
        name, url, at_once = sys.argv[1:]
        asyncio.run(CLIENTS[name](url, int(at_once)))
        return
    print(f"{WORDS} chunks an answer at {1 / SECONDS_PER_WORD:.0f}/s; CPU per chunk:")
    for replies in REPLIES_AT_ONCE:
        costs = asyncio.run(measure(replies))
        chunks = ROUNDS * replies * WORDS
        for name, cost in costs.items():
            ratio = cost.cpu_seconds / costs["raw lines"].cpu_seconds
            line = f"  {replies:2} at once, {name:16} {cost.cpu_seconds / chunks * 1e6:6.0f} µs"
            line += f", {ratio:.2f} x raw lines"
            print(line + (f", {cost.calls / ROUNDS / replies:.1f} calls" if cost.calls else ""))


async def measure(replies: int) -> dict[str, Cost]:
    """Lets all contestants take turns; returns what each used."""
    async with AsyncExitStack() as stack:
        contestants: dict[str, Contestant] = {}
        for name in CLIENTS:
            client = running_client(name, replies)
            contestants[name] = await stack.enter_async_context(client)
        for mode in MODES:
            bot = asking_bot(mode, replies)
            contestants[f"whole bot, {mode}"] = await stack.enter_async_context(bot)
        for contestant in contestants.values():
            await contestant(Cost())
        costs = {name: Cost() for name in contestants}
        for _ in range(ROUNDS):
            await asyncio.sleep(ROUND_SECONDS)
            for name, contestant in contestants.items():
                await contestant(costs[name])
    return costs


@asynccontextmanager
async def asking_bot(mode: str, replies: int) -> AsyncIterator[Contestant]:
    """Runs the bot; its contestant asks it in as many channels at once."""
    async with (
        temporary_folder() as folder,
        Workspace(limits=RateLimits()) as workspace,
        ModelServer(answer=answer) as model,
        running_bot(workspace, model, folder, SLACKBOT_STREAMING=mode) as pid,
    ):
        person = workspace.add_person("Ana")
        channels = [workspace.add_channel(f"c{n}", members=[person]) for n in range(replies)]

        async def ask_all(cost: Cost) -> None:
            before, called = cpu_seconds(pid), len(workspace.calls)
            asked = [
                await workspace.say(person, channel, f"{workspace.bot.mention} write")
                for channel in channels
            ]
            await workspace.until(
                lambda: all(
                    sum(len(each.shown.split()) for each in answers(workspace, question)) == WORDS
                    for question in asked
                ),
                ROUND_TIMEOUT_SECONDS,
            )
            cost.cpu_seconds += cpu_seconds(pid) - before
            cost.calls += len(workspace.calls) - called

        yield ask_all


@asynccontextmanager
async def running_client(name: str, replies: int) -> AsyncIterator[Contestant]:
    """Runs a minimal client, which reads its answers at each line that it is sent."""
    async with ModelServer(answer=answer) as model:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.cost", name, model.url, str(replies)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        async def read_answers(cost: Cost) -> None:
            stdin.write(b"\n")
            cost.cpu_seconds += float(await stdout.readline())

        yield read_answers
        stdin.close()
        await process.wait()


async def read_typed_stream(url: str, replies: int) -> None:
    """Reads with the openai client's typed stream."""
    async with AsyncOpenAI(api_key="none", base_url=url) as client:

        async def read_answer() -> int:
            stream = await client.chat.completions.create(**REQUEST)
            return sum([len(chunk.choices) async for chunk in stream])

        await print_cpu_seconds(read_answer, replies)


async def read_raw_lines(url: str, replies: int) -> None:
    """Reads the raw lines and parses their JSON."""
    async with aiohttp.ClientSession() as session:

        async def read_answer() -> int:
            async with session.post(f"{url}/chat/completions", json=REQUEST) as response:
                return sum(
                    [
                        len(json.loads(line[6:])["choices"])
                        async for line in response.content
                        if line.startswith(b"data: {")
                    ]
                )

        await print_cpu_seconds(read_answer, replies)


async def print_cpu_seconds(read_answer: Callable[[], Any], replies: int) -> None:
    """Reads answers for each line on standard input, and prints the CPU seconds."""
    while await asyncio.to_thread(sys.stdin.readline):
        before = time.process_time()
        await asyncio.gather(*(read_answer() for _ in range(replies)))
        print(time.process_time() - before, flush=True)


def answer(_: dict[str, Any]) -> Script:
    return says(" ".join(f"word{number}" for number in range(WORDS))).paced(SECONDS_PER_WORD)


REQUEST: dict[str, Any] = {
    "model": "any",
    "messages": [{"role": "user", "content": "write"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}

CLIENTS = {"client": read_typed_stream, "raw lines": read_raw_lines}

if __name__ == "__main__":
    main()
