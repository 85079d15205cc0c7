"""Measures for how long the bot blocks its event loop in hard situations.

    uv run python -m benchmarks.loop [--only "long answer,long thread"]

The whole bot works next to a watchdog (see benchmarks.loop_watchdog). A table says for each
situation the longest block, how many were over 50 ms, and for how long the loop stood still because
other programs had the CPU; then comes what the bot did in the longest ones. Restarts with pending
questions are measured by `python -m benchmarks.restart --watch`.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import wire
from benchmarks.environment import answers, running_bot, temporary_folder
from benchmarks.loads import Question, at_once
from benchmarks.loop_watchdog import LIMIT_SECONDS, Stall, read_stalls
from benchmarks.stored_threads import store_thread
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace

LATENCY_SECONDS = 0.08
"""How long a call to Slack takes."""

LONG_ANSWER_WORDS, LONG_ANSWER_WORDS_PER_SECOND = 45_000, 3_000
"""Some 400 kB."""

LONG_THREAD_TURNS, LONG_THREAD_QUESTIONS = 2_000, 3
CONTEXT_TOKENS = 400_000
"""So that all turns fit into a request."""

TIMEOUT_SECONDS = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(SITUATIONS), help="some situations, by name")
    options = parser.parse_args()
    print("| situation | longest block | over 50 ms | longest standstill |")
    print("| --- | --- | --- | --- |", flush=True)
    blocks: list[str] = []
    for name in options.only.split(","):
        found = sorted(asyncio.run(watch(SITUATIONS[name])), key=lambda each: -each.blocked_seconds)
        long = [each for each in found if each.blocked_seconds > LIMIT_SECONDS]
        longest = max((each.blocked_seconds for each in found), default=0.0)
        standstill = max((each.seconds for each in found), default=0.0)
        print(
            f"| {name} | {longest * 1000:.0f} ms | {len(long)} | {standstill * 1000:.0f} ms |",
            flush=True,
        )
        for each in long[:3]:
            lines = "".join(f"\n    {line}" for line in each.stack)
            times = f"{each.blocked_seconds * 1000:.0f} ms, {each.worked_seconds * 1000:.0f} of CPU"
            blocks.append(f"{name}, {times}, {each.uptime:.1f} s after the start:{lines}")
    print("\n".join(blocks))


async def watch(situation: Callable[[Path], Awaitable[None]]) -> Sequence[Stall]:
    async with temporary_folder() as folder:
        stalls = folder / "stalls"
        await situation(stalls)
        return read_stalls(stalls)


async def ten_replies(stalls: Path) -> None:
    await wire.play(at_once(10, 10), RateLimits(), LATENCY_SECONDS, "auto", stalls)


async def hundred_replies(stalls: Path) -> None:
    await wire.play(at_once(100, 10), RateLimits(), LATENCY_SECONDS, "auto", stalls)


async def long_answer(stalls: Path) -> None:
    question = Question(0.0, 0, LONG_ANSWER_WORDS, LONG_ANSWER_WORDS_PER_SECOND)
    outcome = await wire.play([question], RateLimits(), LATENCY_SECONDS, "auto", stalls)
    assert outcome.whole, "the answer is not whole"


async def long_thread(stalls: Path) -> None:
    """Asks in a thread of many turns."""
    async with (
        temporary_folder() as folder,
        Workspace(latency=LATENCY_SECONDS) as workspace,
        ModelServer(answer=lambda _: says("word " * 50 + "end.")) as model,
    ):
        person = workspace.add_person("Ana")
        channel = workspace.add_channel("c0", members=[person])
        root = workspace.post(person, channel, new_version(f"{workspace.bot.mention} question"))
        thread = ThreadKey(TeamId(workspace.team.team_id), ChannelId(channel.id), Ts(root.ts))
        await store_thread(folder / "slackbot.db", thread, LONG_THREAD_TURNS)
        tokens = str(CONTEXT_TOKENS)
        async with running_bot(workspace, model, folder, stalls, OPENAI_CONTEXT_TOKENS=tokens):
            for number in range(LONG_THREAD_QUESTIONS):
                text = f"{workspace.bot.mention} question"
                await workspace.say(person, channel, text, thread=root.ts)
                await workspace.until(
                    partial(_are_answered, workspace, root, number + 1), TIMEOUT_SECONDS
                )
    assert len(model.requests[-1]["messages"]) > LONG_THREAD_TURNS, "not all turns were sent"


def _are_answered(workspace: Workspace, root: PostedMessage, count: int) -> bool:
    """Whether so many answers in a thread are complete."""
    return sum(each.shown.endswith("end.") for each in answers(workspace, root)) == count


SITUATIONS: Mapping[str, Callable[[Path], Awaitable[None]]] = {
    "10 replies": ten_replies,
    "100 replies": hundred_replies,
    "long answer": long_answer,
    "long thread": long_thread,
}

if __name__ == "__main__":
    main()
