"""Plays a load on a virtual clock: the real delivery of replies, to a Slack that only counts.

Everything from the model's words to the call is the product's own code; Slack's answers come from
the rate limits of the local workspace.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from benchmarks import virtual_clock
from benchmarks.loads import FIRST_WORD_SECONDS, Question
from benchmarks.outcome import MeasuredAnswer, MeasuredCall, Outcome, shown_times, total_versions
from slackbot.conversation.controls import Controls
from slackbot.conversation.deltas import FinishDelta, TextDelta
from slackbot.conversation.draft import Draft
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.annotations import Task
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import (
    FoundMessage,
    MessageContent,
    ReplyMessageId,
    SessionStatus,
)
from slackbot.delivery.streaming_mode import StreamingMode
from slackbot.errors import RateLimitedError
from slackbot.playground.fake_slack.rate_limits import CallLimiter, RateLimits


@dataclass(slots=True)
class SimulatedMessage:
    """The text of a message, and when it showed how many words."""

    text: str = ""
    versions: list[tuple[float, int]] = field(default_factory=list)

    def show(self, text: str) -> None:
        self.text = text
        self.versions.append((_now(), len(text.split())))


class SimulatedSlack:
    """A `ReplyTransport` with Slack's limits and latency."""

    def __init__(self, limits: RateLimits, latency: float) -> None:
        self.messages: dict[Ts, SimulatedMessage] = {}
        self.threads: dict[ThreadKey, list[Ts]] = {}
        self.calls: list[MeasuredCall] = []
        self._limiter = CallLimiter(limits, _now)
        self._latency = latency

    async def post(
        self,
        thread: ThreadKey,
        content: MessageContent,
        message_id: ReplyMessageId,
        *,
        in_thread: bool = True,
    ) -> Ts:
        return await self._open("chat.postMessage", thread, content.markdown or "")

    async def edit(
        self, thread: ThreadKey, ts: Ts, content: MessageContent, message_id: ReplyMessageId
    ) -> None:
        await self._change("chat.update", thread, ts, content.markdown or "")

    async def delete(self, thread: ThreadKey, ts: Ts) -> None:
        await self._change("chat.delete", thread, ts, "")

    async def find_messages(
        self, thread: ThreadKey, intent: PostIntent, *, in_thread: bool = True
    ) -> Sequence[FoundMessage]:
        return [FoundMessage(*each) for each in enumerate(self.threads.get(thread, ()))]

    async def start_stream(
        self, thread: ThreadKey, recipient: UserId, markdown: str, tasks: Sequence[Task]
    ) -> Ts:
        return await self._open("chat.startStream", thread, markdown)

    async def append_stream(
        self, thread: ThreadKey, ts: Ts, markdown: str, tasks: Sequence[Task]
    ) -> None:
        await self._change("chat.appendStream", thread, ts, self.messages[ts].text + markdown)

    async def stop_stream(
        self,
        thread: ThreadKey,
        ts: Ts,
        markdown: str,
        *,
        tasks: Sequence[Task],
        controls: Controls,
        message_id: ReplyMessageId,
        session_status: SessionStatus,
    ) -> None:
        await self._change("chat.stopStream", thread, ts, self.messages[ts].text + markdown)

    async def set_session_status(self, thread: ThreadKey, status: SessionStatus) -> None:
        await self._arrive("agents.sessions.setStatus", thread)
        await asyncio.sleep(self._latency / 2)

    async def status(self, thread: ThreadKey, text: str) -> None:
        await self._arrive("assistant.threads.setStatus", thread)
        await asyncio.sleep(self._latency / 2)

    async def send_ephemeral(
        self, thread: ThreadKey, user: UserId, sentence: str, *, in_thread: bool
    ) -> None:
        await self._arrive("chat.postEphemeral", thread)

    async def post_note(self, channel: ChannelId, text: str) -> None:
        raise NotImplementedError

    def measured(self, number: int, question: Question) -> MeasuredAnswer:
        """When people saw an answer."""
        thread = _thread(number, question)
        versions = total_versions([self.messages[ts].versions for ts in self.threads[thread]])
        shown = shown_times(versions, question.words)
        return MeasuredAnswer(question.produced, shown, [at for at, _ in versions])

    async def _open(self, method: str, thread: ThreadKey, text: str) -> Ts:
        await self._arrive(method, thread)
        ts = Ts(f"{_now():.6f}-{len(self.messages)}")
        self.messages[ts] = SimulatedMessage()
        self.messages[ts].show(text)
        self.threads.setdefault(thread, []).append(ts)
        await asyncio.sleep(self._latency / 2)
        return ts

    async def _change(self, method: str, thread: ThreadKey, ts: Ts, text: str) -> None:
        await self._arrive(method, thread)
        self.messages[ts].show(text)
        await asyncio.sleep(self._latency / 2)

    async def _arrive(self, method: str, thread: ThreadKey) -> None:
        """Half of the way; raises RateLimitedError past the limit, after the other half."""
        await asyncio.sleep(self._latency / 2)
        retry_after = self._limiter.admit(method, thread.channel)
        self.calls.append(MeasuredCall(_now(), method, refused=bool(retry_after)))
        if retry_after:
            await asyncio.sleep(self._latency / 2)
            raise RateLimitedError(method, retry_after)


def simulate(
    questions: Sequence[Question],
    limits: RateLimits,
    latency: float,
    modes: Sequence[StreamingMode],
) -> Outcome:
    """Plays a load on a virtual clock."""
    return virtual_clock.run(_play(questions, limits, latency, modes))


async def _play(
    questions: Sequence[Question],
    limits: RateLimits,
    latency: float,
    modes: Sequence[StreamingMode],
) -> Outcome:
    """Plays all questions to their ends."""
    slack = SimulatedSlack(limits, latency)
    replies = ActiveReplies(slack, RateLimiter(modes), EphemeralMessages(slack))

    async def answer(number: int, question: Question) -> None:
        await asyncio.sleep(question.at - _now())
        thread = _thread(number, question)
        location = ReplyLocation(thread, str(number), UserId("U1"), _record, since=thread.ts)
        with replies.writing(location) as reply:
            await reply.write(_drafts(question))

    async with asyncio.TaskGroup() as tasks:
        for number, question in enumerate(questions):
            tasks.create_task(answer(number, question))
    answers = [slack.measured(number, question) for number, question in enumerate(questions)]
    return Outcome(answers, slack.calls)


async def _drafts(question: Question) -> AsyncIterator[Draft]:
    """The answer as the model writes it."""
    draft, begun = Draft(), _now()
    await asyncio.sleep(FIRST_WORD_SECONDS)
    for number in range(question.words):
        await asyncio.sleep(
            begun + FIRST_WORD_SECONDS + number / question.words_per_second - _now()
        )
        draft.add(TextDelta(f"word{number} "))
        yield draft
    draft.add(FinishDelta("stop"))
    yield draft


def _thread(number: int, question: Question) -> ThreadKey:
    return ThreadKey(TeamId("T1"), ChannelId(f"C{question.channel}"), Ts(str(number)))


async def _record(messages: tuple[Ts, ...], _: PostIntent | None) -> tuple[Ts, ...]:
    """Nothing is stored: the simulation has no restarts."""
    return messages


def _now() -> float:
    return asyncio.get_running_loop().time()
