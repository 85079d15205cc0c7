"""Measures a restart with many stored threads and many pending questions.

    uv run python -m benchmarks.restart [--threads 100000] [--pending 1000] [--channels 20]
                                        [--watch]

People ask all questions at once. When the first hundred are being answered the bot is killed with
SIGKILL and started again. Slack has its documented limits, and each call takes 80 ms. Reported are
the seconds from the start until the bot is connected, and until every question has its whole
answer, next to the bound: what the posts alone need within the limits that the bot knows, or the
edits alone if that is more, as each answer that was begun needs one at least. With --watch a
watchdog says how long the bot blocks its event loop; the bot then imports everything first, so it
connects later.
"""

import argparse
import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.environment import answers, running_bot, temporary_folder
from benchmarks.loop_watchdog import Stall, describe, read_stalls
from benchmarks.stored_threads import store_threads
from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import CallBudgets
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.buttons import PREFIX

CALL_LATENCY_SECONDS = 0.08
"""How long a call to Slack takes."""

WORDS, WORDS_PER_SECOND = 60, 40
"""Of an answer."""

SHOWN_WORDS = 10
"""How much of the answers in flight the model has written when the bot is killed."""

SETTLE_SECONDS = 5.0
"""How long the bot then goes on, so that what it has is in Slack."""

TIMEOUT_FACTOR = 4.0
"""The run is given up after so many times the bound, and a minute."""


class Restart(NamedTuple):
    """Times in seconds from the start of the process."""

    connected: float
    answered: float
    posts_bound: float
    """What the posts alone need."""
    edits_bound: float
    """What one edit of each answer that was begun needs."""
    whole: int
    calls: Counter[str]
    refused: Counter[str]
    """With 429."""
    stalls: Sequence[Stall]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=100_000, help="stored threads")
    parser.add_argument("--pending", type=int, default=1_000, help="questions that wait")
    parser.add_argument("--channels", type=int, default=20)
    parser.add_argument("--watch", action="store_true", help="watch the event loop")
    options = parser.parse_args()
    found = asyncio.run(
        measure(options.threads, options.pending, options.channels, watch=options.watch)
    )
    print(f"{options.threads:,} stored threads, {options.pending:,} pending questions")
    print(f"connected after {found.connected:.2f} s")
    if options.pending:
        bound, calls = max((found.posts_bound, "posts"), (found.edits_bound, "edits"))
        ratio = found.answered / bound
        print(
            f"{found.whole} answered after {found.answered:.1f} s, {ratio:.2f} x the {calls}' bound"
        )
        print(f"bounds: {found.posts_bound:.1f} s posts, {found.edits_bound:.1f} s edits")
        print(f"calls: {_listed(found.calls)}; with 429: {_listed(found.refused) or 'none'}")
    if options.watch:
        print(describe(found.stalls))


async def measure(threads: int, pending: int, channels: int, *, watch: bool) -> Restart:
    async with (
        temporary_folder() as folder,
        Workspace(limits=RateLimits(), latency=CALL_LATENCY_SECONDS) as workspace,
        ModelServer(answer=_held_answer) as model,
    ):
        await store_threads(folder / "slackbot.db", threads)
        questions = await _ask_and_kill(workspace, model, folder, pending, channels)
        model.answer = _answer
        earlier = list(workspace.calls)
        stalls, began = folder / "stalls", time.monotonic()
        async with running_bot(workspace, model, folder, stalls if watch else None):
            connected = time.monotonic() - began
            made = [(call.method, call.started - began, call.args) for call in earlier]
            posts = [(at, args["channel"]) for name, at, args in made if name == "chat.postMessage"]
            unposted = _unposted(workspace, questions)
            for_posts = posts_bound(posts, unposted)
            edits = sorted(at for name, at, _ in made if name == "chat.update")
            for_edits = edits_bound(edits, len(questions) - unposted.total())
            longest = TIMEOUT_FACTOR * max(for_posts, for_edits) + 60.0
            await _until_answered(workspace, questions, longest)
            answered = time.monotonic() - began
        later = workspace.calls[len(earlier) :]
        return Restart(
            connected,
            answered,
            for_posts,
            for_edits,
            sum(_is_answered(workspace, each) for each in questions),
            Counter(call.method for call in later),
            Counter(call.method for call in later if call.status == 429),
            read_stalls(stalls),
        )


def posts_bound(earlier: Sequence[tuple[float, str]], due: Mapping[str, int]) -> float:
    """The least seconds until so many posts are in each channel.

    `earlier` are when and where posts were made before, relative to now.
    """
    budgets = CallBudgets()
    for at, channel in earlier:
        _post(budgets, ChannelId(channel), at)
    left, now = Counter(due), 0.0
    while left := +left:
        opens = {
            ChannelId(channel): budgets.opens_at("chat.postMessage", ChannelId(channel), now)
            for channel, _ in left.most_common()
        }
        first = min(opens, key=lambda channel: opens[channel])
        now = opens[first]
        _post(budgets, first, now)
        left[first] -= 1
    return now + CALL_LATENCY_SECONDS


def edits_bound(earlier: Sequence[float], due: int) -> float:
    """The least seconds until so many edits are made, by when edits were made before."""
    budget, now = CallBudgets()["chat.update"], 0.0
    for at in earlier:
        budget.begin(at)
        budget.end(at + CALL_LATENCY_SECONDS)
    for _ in range(due):
        now = budget.opens_at(now)
        budget.begin(now)
        budget.end(now + CALL_LATENCY_SECONDS)
    return now + CALL_LATENCY_SECONDS if due else 0.0


def _post(budgets: CallBudgets, channel: ChannelId, at: float) -> None:
    budgets.begin("chat.postMessage", channel, at)
    budgets.end("chat.postMessage", channel, at + CALL_LATENCY_SECONDS)


async def _ask_and_kill(
    workspace: Workspace, model: ModelServer, folder: Path, pending: int, channels: int
) -> list[PostedMessage]:
    """Has the questions asked, and kills the bot while it answers the first."""
    if not pending:
        return []
    people = [workspace.add_person(f"Ana {number}") for number in range(channels)]
    rooms = [workspace.add_channel(f"c{each.id}", members=[each]) for each in people]

    async def ask(room: Channel, number: int) -> list[PostedMessage]:
        text = f"{workspace.bot.mention} question"
        return [await workspace.say(people[number], room, text) for _ in range(pending // channels)]

    async with running_bot(workspace, model, folder) as pid:
        asked = await asyncio.gather(*(ask(room, number) for number, room in enumerate(rooms)))
        await asyncio.sleep(SETTLE_SECONDS)
        os.kill(pid, signal.SIGKILL)
    return [question for questions in asked for question in questions]


def _unposted(workspace: Workspace, questions: Sequence[PostedMessage]) -> Counter[str]:
    """How many questions in each channel have no message of the bot yet."""
    return Counter(each.channel for each in questions if not answers(workspace, each))


async def _until_answered(
    workspace: Workspace, questions: Sequence[PostedMessage], seconds: float
) -> None:
    """Waits for so many seconds at most."""
    left = list(questions)

    def are_answered() -> bool:
        while left and _is_answered(workspace, left[-1]):
            left.pop()
        return not left

    with suppress(TimeoutError):  # the report says how many were answered
        await workspace.until(are_answered, seconds)


def _is_answered(workspace: Workspace, question: PostedMessage) -> bool:
    """Whether it has one message, which is a whole answer without a Stop button."""
    shown = answers(workspace, question)
    return len(shown) == 1 and shown[0].shown.endswith("end.") and not _has_stop(shown[0])


def _has_stop(message: PostedMessage) -> bool:
    return any(each["action_id"] == f"{PREFIX}stop" for _, each in elements(message.blocks))


def _answer(_: dict[str, object]) -> Script:
    return says("word " * (WORDS - 1) + "end.").paced(1 / WORDS_PER_SECOND, first_after=0.3)


def _held_answer(request: dict[str, object]) -> Script:
    return _answer(request).held(after=SHOWN_WORDS)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


if __name__ == "__main__":
    main()
