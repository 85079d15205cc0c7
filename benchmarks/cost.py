"""Measures the CPU time per streamed chunk: the whole bot against two minimal clients.

    uv run python -m benchmarks.cost

The minimal clients read the same answers from the same server in a process each: one with the
openai client's typed stream, one with raw lines and a JSON parser. Each process answers once before
it is measured, so that start-up and imports do not count.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
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
CONCURRENT_ANSWERS = 10
ROUNDS = 3
LIMIT_WINDOW_SECONDS = 61.0
"""Seconds between two rounds, so that Slack's limits of a minute are unused again."""


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(CLIENTS[sys.argv[1]](sys.argv[2]))
        return
    client_costs = {name: asyncio.run(measure_client(name)) for name in CLIENTS}
    bot_cost, calls = asyncio.run(measure_bot())
    print(
        f"{CONCURRENT_ANSWERS} answers at once, {WORDS} chunks each "
        f"at {1 / SECONDS_PER_WORD:.0f}/s; CPU per chunk:"
    )
    for name, cost in client_costs.items():
        print(f"  {name:14} {cost * 1e6:6.0f} µs")
    print(f"  {'whole bot':14} {bot_cost * 1e6:6.0f} µs, with {calls:.1f} calls to Slack an answer")
    print(f"  ratio to the openai client: {bot_cost / client_costs['client']:.2f}")


async def measure_bot() -> tuple[float, float]:
    """Returns the bot's CPU seconds per chunk, and its calls to Slack per answer."""
    async with (
        temporary_folder() as folder,
        Workspace(limits=RateLimits()) as workspace,
        ModelServer(answer=answer) as model,
        running_bot(workspace, model, folder) as pid,
    ):
        person = workspace.add_person("Ana")
        channels = [
            workspace.add_channel(f"c{n}", members=[person]) for n in range(CONCURRENT_ANSWERS)
        ]

        async def ask_all() -> None:
            asked = [
                await workspace.say(person, channel, f"{workspace.bot.mention} write")
                for channel in channels
            ]
            await workspace.until(
                lambda: all(
                    sum(len(each.shown.split()) for each in answers(workspace, question)) == WORDS
                    for question in asked
                ),
                120.0,
            )

        await ask_all()
        spent, calls = 0.0, 0
        for _ in range(ROUNDS):
            await asyncio.sleep(LIMIT_WINDOW_SECONDS)
            before, called = cpu_seconds(pid), len(workspace.calls)
            await ask_all()
            spent += cpu_seconds(pid) - before
            calls += len(workspace.calls) - called
    return spent / (ROUNDS * CONCURRENT_ANSWERS * WORDS), calls / (ROUNDS * CONCURRENT_ANSWERS)


async def measure_client(name: str) -> float:
    """Returns the CPU seconds of a minimal client per chunk."""
    async with ModelServer(answer=answer) as model:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.cost", name, model.url, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    return float(output) / (ROUNDS * CONCURRENT_ANSWERS * WORDS)


async def read_typed_stream(url: str) -> None:
    """Reads with the openai client's typed stream."""
    async with AsyncOpenAI(api_key="none", base_url=url) as client:

        async def read_answer() -> int:
            stream = await client.chat.completions.create(**REQUEST)
            return sum([len(chunk.choices) async for chunk in stream])

        await print_cpu_seconds(read_answer)


async def read_raw_lines(url: str) -> None:
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

        await print_cpu_seconds(read_answer)


async def print_cpu_seconds(read_answer: Callable[[], Any]) -> None:
    await read_answer()
    before = time.process_time()
    for _ in range(ROUNDS):
        await asyncio.gather(*(read_answer() for _ in range(CONCURRENT_ANSWERS)))
    print(time.process_time() - before)


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
