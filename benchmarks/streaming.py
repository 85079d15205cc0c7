"""How live replies are under Slack's limits: 1, 10, 30 and 100 at once, over ten channels.

    uv run python -m benchmarks.streaming [--limit 50] [--streaming edit] [--replies 1,10,30,100]

For each load: whole answers, how long after its production a word is visible, and what it cost;
beside it a bound that no scheduler can beat, and the ratio to it.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import heapify, heapreplace
from itertools import pairwise
from statistics import mean, quantiles

from benchmarks.environment import answers, bot, folder
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.fake_slack.workspace import Workspace

WORDS = 300
CADENCE = 1 / 40
"""Seconds from word to word."""

CHANNELS = 10
LATENCY = 0.08
"""Seconds that Slack takes for a call; it takes effect in the middle of them."""

PATIENCE = 300.0

COLUMNS = (
    "replies",
    "whole",
    "first text",
    "mean lag",
    "p95 lag",
    "bound",
    "ratio",
    "end, mean",
    "end, max",
    "calls",
    "429s",
)


@dataclass(frozen=True, slots=True)
class ReplyWriter:
    """When each word was produced, and when it was visible."""

    produced: Sequence[float]
    visible: Sequence[float]

    @property
    def lags(self) -> list[float]:
        return [seen - made for made, seen in zip(self.produced, self.visible, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=50, help="chat.update a minute")
    parser.add_argument("--streaming", default="edit", help="edit, native or auto")
    parser.add_argument("--replies", default="1,10,30,100", help="how many at once")
    parser.add_argument("--rounds", type=int, default=1, help="loads one after the other")
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n{'| --- ' * len(COLUMNS)}|")
    for count in map(int, options.replies.split(",")):
        asyncio.run(measure(count, options.limit, options.streaming, options.rounds))


async def measure(count: int, limit: int, streaming: str, rounds: int) -> None:
    limits = RateLimits(update=limit)
    async with (
        folder() as place,
        Workspace(limits=limits, latency=LATENCY) as workspace,
        ModelServer(answer=answer) as model,
        bot(workspace, model, place, SLACKBOT_STREAMING=streaming),
    ):
        for number in range(rounds):
            begun = len(workspace.calls)
            replies = await load(workspace, model, count, first=number * count)
            known = limit if streaming == "edit" else None
            report(count, replies, workspace.calls[begun:], known)
            if number + 1 < rounds:
                await asyncio.sleep(61.0)  # the budget of a minute is full again


async def load(
    workspace: Workspace, model: ModelServer, count: int, first: int
) -> list[ReplyWriter | None]:
    """All questions at once; their replies when all have ended, None for one that is not whole."""
    person = workspace.add_person(f"Ana {first}")
    channels = [workspace.add_channel(f"c{first}-{n}", members=[person]) for n in range(CHANNELS)]
    streams = len(model.streams)
    questions = await asyncio.gather(
        *(
            workspace.say(
                person, channels[n % CHANNELS], f"{workspace.bot.mention} question {first + n}"
            )
            for n in range(count)
        )
    )
    with suppress(TimeoutError):  # then some are not whole, and that is reported
        await workspace.until(
            lambda: all(seen(workspace, question) >= WORDS for question in questions), PATIENCE
        )
    produced = {
        number_in(request): stream.sent_at
        for request, stream in zip(model.requests[streams:], model.streams[streams:], strict=True)
    }
    return [
        reply_of(workspace, question, produced[first + n]) for n, question in enumerate(questions)
    ]


def answer(request: dict[str, object]) -> Script:
    number = number_in(request)
    text = " ".join(f"{number}-{word}" for word in range(WORDS))
    return says(text).paced(CADENCE, first_after=0.3)


def number_in(request: dict[str, object]) -> int:
    """The number of the question that a request asks."""
    messages = request["messages"]
    assert isinstance(messages, list)
    return int(messages[-1]["content"].split()[-1])


def seen(workspace: Workspace, question: PostedMessage) -> int:
    """How many words of an answer are visible now."""
    return sum(len(each.shown.split()) for each in answers(workspace, question))


def reply_of(
    workspace: Workspace, question: PostedMessage, chunks: Sequence[float]
) -> ReplyWriter | None:
    """Each chunk is a word, but for those that end the stream. None if it is not whole."""
    shown = answers(workspace, question)
    words = [word for message in shown for word in message.shown.split()]
    if len(shown) != 1 or len(words) != WORDS:
        return None
    if any(not word.endswith(f"-{n}") for n, word in enumerate(words)):
        return None
    (message,) = shown
    versions = [(each.at, len(each.shown.split())) for each in message.versions]
    visible = [next(at for at, count in versions if count > word) for word in range(WORDS)]
    return ReplyWriter(chunks[:WORDS], visible)


def report(
    count: int, replies: list[ReplyWriter | None], calls: Sequence[RecordedCall], limit: int | None
) -> None:
    """`limit` is that of edits, where they alone show the replies: then there is a bound."""
    whole = [reply for reply in replies if reply is not None]
    lags = [lag for reply in whole for lag in reply.lags]
    ends = [reply.visible[-1] - reply.produced[-1] for reply in whole]
    least = bound(whole, limit) if limit is not None else None
    beside = f"{least:.2f} s | {mean(lags) / least:.2f}" if least is not None else "- | -"
    counted = Counter(call.method for call in calls if call.method.startswith("chat."))
    print(
        f"| {count} | {len(whole)}/{count} "
        f"| {mean(reply.lags[0] for reply in whole):.2f} s "
        f"| {mean(lags):.2f} s | {quantiles(lags, n=20)[-1]:.2f} s "
        f"| {beside} "
        f"| {mean(ends):.2f} s | {max(ends):.2f} s "
        f"| {', '.join(f'{number} {name[5:]}' for name, number in sorted(counted.items()))} "
        f"| {sum(call.status == 429 for call in calls)} |",
        flush=True,
    )


def bound(replies: Sequence[ReplyWriter], edits: int) -> float:
    """The least mean lag of a word that any scheduler could reach, knowing all that will come.

    Each reply is posted once; a minute's edits are shared out so that each lowers the sum of all
    lags the most; a reply that is shown k times is shown after equal parts of its words. RateLimits on
    posts, and that calls for one message follow each other, are left out: it is a lower bound, for
    loads of less than a minute that are shown by edits alone.
    """
    shown = [(-gain(reply, 1), 1, number) for number, reply in enumerate(replies)]
    heapify(shown)
    for _ in range(edits):
        _, times, number = shown[0]
        heapreplace(shown, (-gain(replies[number], times + 1), times + 1, number))
    total = sum(waited(replies[number], times) for _, times, number in shown)
    return total / sum(len(reply.produced) for reply in replies) + LATENCY / 2


def gain(reply: ReplyWriter, times: int) -> float:
    """By how much one more showing lowers a reply's sum of lags."""
    return waited(reply, times) - waited(reply, times + 1)


def waited(reply: ReplyWriter, times: int) -> float:
    """The sum of the lags of a reply that is shown so often, after equal parts of its words."""
    cuts = [round(len(reply.produced) * part / times) for part in range(times + 1)]
    return sum(
        reply.produced[end - 1] - reply.produced[word]
        for start, end in pairwise(cuts)
        for word in range(start, end)
    )


if __name__ == "__main__":
    main()
