"""Plays a load over the wire: the real bot as a process, between a workspace and a model."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.environment import answers, running_bot, temporary_folder
from benchmarks.loads import FIRST_WORD_SECONDS, Question
from benchmarks.outcome import MeasuredAnswer, MeasuredCall, Outcome, shown_times, total_versions
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace

LOAD_TIMEOUT_SECONDS = 300.0
"""From the last question on."""


async def play(
    questions: Sequence[Question],
    limits: RateLimits,
    latency: float,
    streaming: str,
    stalls: Path | None = None,
) -> Outcome:
    """Plays all questions to their ends, in real time.

    With `stalls`, a watchdog writes there when the bot's event loop stands still.
    """

    def answer(request: dict[str, object]) -> Script:
        question = questions[_number(request)]
        text = " ".join(f"word{number}" for number in range(question.words))
        return says(text).paced(1 / question.words_per_second, first_after=FIRST_WORD_SECONDS)

    async with (
        temporary_folder() as folder,
        Workspace(limits=limits, latency=latency) as workspace,
        ModelServer(answer=answer) as model,
        running_bot(workspace, model, folder, stalls, SLACKBOT_STREAMING=streaming),
    ):
        asked = await _ask(workspace, questions)
        with suppress(TimeoutError):  # the report counts answers that are not whole
            await workspace.until(
                lambda: all(
                    _visible_words(workspace, each) >= question.words
                    for each, question in zip(asked, questions, strict=True)
                ),
                LOAD_TIMEOUT_SECONDS,
            )
        produced = {
            _number(request): stream.sent_at
            for request, stream in zip(model.requests, model.streams, strict=True)
        }
        return Outcome(
            [
                _measure(workspace, each, question, produced[number])
                for number, (each, question) in enumerate(zip(asked, questions, strict=True))
            ],
            [
                MeasuredCall(call.started, call.method, refused=call.status == 429)
                for call in workspace.calls
            ],
        )


async def _ask(workspace: Workspace, questions: Sequence[Question]) -> list[PostedMessage]:
    person = workspace.add_person("Ana")
    count = 1 + max(question.channel for question in questions)
    channels = [workspace.add_channel(f"c{number}", members=[person]) for number in range(count)]
    now = asyncio.get_running_loop().time
    begun = now()

    async def ask(number: int, question: Question) -> PostedMessage:
        await asyncio.sleep(begun + question.at - now())
        text = f"{workspace.bot.mention} question {number}"
        return await workspace.say(person, channels[question.channel], text)

    return list(await asyncio.gather(*(ask(*each) for each in enumerate(questions))))


def _number(request: dict[str, object]) -> int:
    """The number of the question in a request."""
    messages = request["messages"]
    assert isinstance(messages, list)
    return int(messages[-1]["content"].split()[-1])


def _visible_words(workspace: Workspace, question: PostedMessage) -> int:
    return sum(len(each.shown.split()) for each in answers(workspace, question))


def _measure(
    workspace: Workspace, asked: PostedMessage, question: Question, chunks: Sequence[float]
) -> MeasuredAnswer:
    messages = answers(workspace, asked)
    versions = total_versions(
        [[(each.at, len(each.shown.split())) for each in message.versions] for message in messages]
    )
    words = [word for message in messages for word in message.shown.split()]
    whole = words == [f"word{number}" for number in range(question.words)]
    shown = shown_times(versions, question.words) if whole else []
    return MeasuredAnswer(chunks[: question.words], shown, [at for at, _ in versions])
