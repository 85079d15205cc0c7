"""What a chunk of an answer costs: CPU of the whole bot, beside two bare loops, in one run.

    uv run python -m benchmarks.cost

The bare loops are a process each that reads the same answers from the same server: one with the
openai client's typed stream, one with the raw lines and a JSON parser. Each process answers once
before it is measured, so that start and imports do not count.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from openai import AsyncOpenAI

from benchmarks.environment import answers, bot, cpu_seconds, folder
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace

WORDS = 300
CADENCE = 1 / 40
AT_ONCE = 10
ROUNDS = 3
PAUSE = 61.0
"""Seconds between two rounds: the workspace's budget of a minute is full again then."""


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(LOOPS[sys.argv[1]](sys.argv[2]))
        return
    bare = {name: asyncio.run(loop(name)) for name in LOOPS}
    whole, calls = asyncio.run(the_bot())
    print(f"{AT_ONCE} answers at once, {WORDS} chunks each at {1 / CADENCE:.0f}/s; CPU per chunk:")
    for name, cost in bare.items():
        print(f"  {name:14} {cost * 1e6:6.0f} µs")
    print(f"  {'the whole bot':14} {whole * 1e6:6.0f} µs, its {calls:.1f} calls to Slack included")
    print(f"  ratio to the bare client loop: {whole / bare['client']:.2f}")


async def the_bot() -> tuple[float, float]:
    """CPU seconds of the bot for a chunk, and its calls to Slack for an answer."""
    async with (
        folder() as place,
        Workspace(limits=RateLimits()) as workspace,
        ModelServer(answer=answer) as model,
        bot(workspace, model, place) as pid,
    ):
        person = workspace.add_person("Ana")
        channels = [workspace.add_channel(f"c{n}", members=[person]) for n in range(AT_ONCE)]

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
            await asyncio.sleep(PAUSE)
            before, called = cpu_seconds(pid), len(workspace.calls)
            await ask_all()
            spent += cpu_seconds(pid) - before
            calls += len(workspace.calls) - called
    return spent / (ROUNDS * AT_ONCE * WORDS), calls / (ROUNDS * AT_ONCE)


async def loop(name: str) -> float:
    """CPU seconds of a bare loop's process for a chunk."""
    async with ModelServer(answer=answer) as model:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.cost", name, model.url, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    return float(output) / (ROUNDS * AT_ONCE * WORDS)


async def typed(url: str) -> None:
    """The openai client's own stream of typed chunks."""
    async with AsyncOpenAI(api_key="none", base_url=url) as client:

        async def one() -> int:
            stream = await client.chat.completions.create(**REQUEST)
            return sum([len(chunk.choices) async for chunk in stream])

        await measured(one)


async def lines(url: str) -> None:
    """The lines of the response, and a JSON parser."""
    async with aiohttp.ClientSession() as session:

        async def one() -> int:
            async with session.post(f"{url}/chat/completions", json=REQUEST) as response:
                return sum(
                    [
                        len(json.loads(line[6:])["choices"])
                        async for line in response.content
                        if line.startswith(b"data: {")
                    ]
                )

        await measured(one)


async def measured(one: Callable[[], Any]) -> None:
    await one()
    before = time.process_time()
    for _ in range(ROUNDS):
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    print(time.process_time() - before)


def answer(_: dict[str, Any]) -> Script:
    return says(" ".join(f"word{number}" for number in range(WORDS))).paced(CADENCE)


REQUEST: dict[str, Any] = {
    "model": "any",
    "messages": [{"role": "user", "content": "write"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}

LOOPS = {"client": typed, "raw lines": lines}

if __name__ == "__main__":
    main()
