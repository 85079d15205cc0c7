"""Measures how soon streamed words are visible under Slack's limits, for 1 to 100 replies at once.

    uv run python -m benchmarks.streaming [--limit 50] [--streaming edit] [--replies 1,10,30,100]

Each load reports whole answers, the lag from a word's arrival until it is visible, and the calls to
Slack, together with a lower bound that no scheduler can beat, and the ratio to it.
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

from benchmarks.environment import answers, running_bot, temporary_folder
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.fake_slack.workspace import Workspace

WORDS = 300
SECONDS_PER_WORD = 1 / 40
"""Seconds between two words of the model."""

CHANNELS = 10
CALL_LATENCY_SECONDS = 0.08
"""How long a call to Slack takes; it takes effect halfway."""

LOAD_TIMEOUT_SECONDS = 300.0

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
class MeasuredReply:
    """When each word arrived from the model, and when it was visible in Slack."""

    produced: Sequence[float]
    visible: Sequence[float]

    @property
    def lags(self) -> list[float]:
        return [shown - made for made, shown in zip(self.produced, self.visible, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=50, help="chat.update a minute")
    parser.add_argument("--streaming", default="edit", help="edit, native or auto")
    parser.add_argument("--replies", default="1,10,30,100", help="how many at once")
    parser.add_argument("--rounds", type=int, default=1, help="how often to repeat each load")
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n{'| --- ' * len(COLUMNS)}|")
    for count in map(int, options.replies.split(",")):
        asyncio.run(measure(count, options.limit, options.streaming, options.rounds))


async def measure(count: int, limit: int, streaming: str, rounds: int) -> None:
    limits = RateLimits(update=limit)
    async with (
        temporary_folder() as folder,
        Workspace(limits=limits, latency=CALL_LATENCY_SECONDS) as workspace,
        ModelServer(answer=answer) as model,
        running_bot(workspace, model, folder, SLACKBOT_STREAMING=streaming),
    ):
        for number in range(rounds):
            begun = len(workspace.calls)
            replies = await run_load(workspace, model, count, first=number * count)
            known = limit if streaming == "edit" else None
            report(count, replies, workspace.calls[begun:], known)
            if number + 1 < rounds:
                await asyncio.sleep(61.0)  # Slack's limits of a minute are unused again


async def run_load(
    workspace: Workspace, model: ModelServer, count: int, first: int
) -> list[MeasuredReply | None]:
    """Asks all questions at once; returns their replies, None for one that is not whole."""
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
    with suppress(TimeoutError):  # the report counts replies that are not whole
        await workspace.until(
            lambda: all(visible_words(workspace, question) >= WORDS for question in questions),
            LOAD_TIMEOUT_SECONDS,
        )
    produced = {
        question_number(request): stream.sent_at
        for request, stream in zip(model.requests[streams:], model.streams[streams:], strict=True)
    }
    return [
        measure_reply(workspace, question, produced[first + n])
        for n, question in enumerate(questions)
    ]


def answer(request: dict[str, object]) -> Script:
    number = question_number(request)
    text = " ".join(f"{number}-{word}" for word in range(WORDS))
    return says(text).paced(SECONDS_PER_WORD, first_after=0.3)


def question_number(request: dict[str, object]) -> int:
    """Returns the number of the question in a request."""
    messages = request["messages"]
    assert isinstance(messages, list)
    return int(messages[-1]["content"].split()[-1])


def visible_words(workspace: Workspace, question: PostedMessage) -> int:
    """Returns how many words of an answer are visible now."""
    return sum(len(each.shown.split()) for each in answers(workspace, question))


def measure_reply(
    workspace: Workspace, question: PostedMessage, chunks: Sequence[float]
) -> MeasuredReply | None:
    """Compares when words arrived and were shown; returns None if the answer is not whole."""
    shown = answers(workspace, question)
    words = [word for message in shown for word in message.shown.split()]
    if len(shown) != 1 or len(words) != WORDS:
        return None
    if any(not word.endswith(f"-{n}") for n, word in enumerate(words)):
        return None
    (message,) = shown
    versions = [(each.at, len(each.shown.split())) for each in message.versions]
    visible = [next(at for at, count in versions if count > word) for word in range(WORDS)]
    return MeasuredReply(chunks[:WORDS], visible)


def report(
    count: int,
    replies: list[MeasuredReply | None],
    calls: Sequence[RecordedCall],
    limit: int | None,
) -> None:
    """Prints a row. `limit` is the limit of edits if only edits show the replies, for the bound."""
    whole = [reply for reply in replies if reply is not None]
    lags = [lag for reply in whole for lag in reply.lags]
    ends = [reply.visible[-1] - reply.produced[-1] for reply in whole]
    bound = lower_bound(whole, limit) if limit is not None else None
    bound_columns = f"{bound:.2f} s | {mean(lags) / bound:.2f}" if bound is not None else "- | -"
    counted = Counter(call.method for call in calls if call.method.startswith("chat."))
    print(
        f"| {count} | {len(whole)}/{count} "
        f"| {mean(reply.lags[0] for reply in whole):.2f} s "
        f"| {mean(lags):.2f} s | {quantiles(lags, n=20)[-1]:.2f} s "
        f"| {bound_columns} "
        f"| {mean(ends):.2f} s | {max(ends):.2f} s "
        f"| {', '.join(f'{number} {name[5:]}' for name, number in sorted(counted.items()))} "
        f"| {sum(call.status == 429 for call in calls)} |",
        flush=True,
    )


def lower_bound(replies: Sequence[MeasuredReply], edits: int) -> float:
    """Returns the lowest mean lag that any scheduler could reach if it knew all words in advance.

    Each reply is posted once. The edits of a minute go to the replies where each lowers the sum of
    all lags most. A reply that is shown k times is shown after equal parts of its words. The limits
    on posts and the order of calls for one message are ignored, so this is a lower bound, for loads
    of less than a minute that are shown by edits alone.
    """
    shown = [(-lag_saved_by_next_edit(reply, 1), 1, number) for number, reply in enumerate(replies)]
    heapify(shown)
    for _ in range(edits):
        _, times, number = shown[0]
        heapreplace(shown, (-lag_saved_by_next_edit(replies[number], times + 1), times + 1, number))
    total = sum(total_lag(replies[number], times) for _, times, number in shown)
    return total / sum(len(reply.produced) for reply in replies) + CALL_LATENCY_SECONDS / 2


def lag_saved_by_next_edit(reply: MeasuredReply, times: int) -> float:
    """Returns by how much one more edit lowers the total lag of a reply."""
    return total_lag(reply, times) - total_lag(reply, times + 1)


def total_lag(reply: MeasuredReply, times: int) -> float:
    """Returns the sum of the lags of a reply that is shown this often, in equal parts."""
    cuts = [round(len(reply.produced) * part / times) for part in range(times + 1)]
    return sum(
        reply.produced[end - 1] - reply.produced[word]
        for start, end in pairwise(cuts)
        for word in range(start, end)
    )


if __name__ == "__main__":
    main()
