"""Whatever Slack refuses for good, something reaches the person who asked."""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.refusals import FINAL_CODES, FINAL_CODES_BY_METHOD, REVOKED_TOKEN_CODES
from tests.harness import BotHarness

CODES_AT_ONCE: Mapping[str, int] = {"chat.stopStream": 6}
DEFAULT_CODES_AT_ONCE = 16
"""By method: Slack allows about 20 starts and ends of streams a minute, and no question waits for
that. A stream that can't be stopped is tried up to four times.
"""

OPEN_STREAM = "streaming_state_conflict"
"""A stream is still open, which ends by itself: tests/delivery/test_message_writer.py waits."""

DELETED_BY_SOMEBODY = {"message_not_found"}
"""The answer was there, and people took it away."""


def final_codes(method: str) -> frozenset[str]:
    return FINAL_CODES | FINAL_CODES_BY_METHOD[method]


def groups(*methods: str) -> list[tuple[str, Sequence[str]]]:
    """Each method with some of its final codes, until there were all."""
    found: list[tuple[str, Sequence[str]]] = []
    for method in methods:
        codes = sorted(final_codes(method) - {OPEN_STREAM})
        size = CODES_AT_ONCE.get(method, DEFAULT_CODES_AT_ONCE)
        starts = range(0, len(codes), size)
        found += [(method, codes[start : start + size]) for start in starts]
    return found


def settings(method: str) -> dict[str, str]:
    """The environment in which replies grow by this method, and nobody waits in line."""
    streaming = "native" if method.endswith("Stream") else "edit"
    return {"SLACKBOT_MAX_REPLIES": str(4 * DEFAULT_CODES_AT_ONCE), "SLACKBOT_STREAMING": streaming}


async def ask(harness: BotHarness, code: str) -> PostedMessage:
    """Somebody asks the bot in a channel of their own."""
    person = harness.workspace.add_person(code)
    channel = harness.workspace.add_channel(code, members=[person])
    return await harness.workspace.say(person, channel, f"{harness.bot.mention} count")


def refuse(harness: BotHarness, method: str, name: str, code: str) -> None:
    """Slack refuses all these calls with this code in the channel of this name."""

    def is_there(arguments: Mapping[str, Any]) -> bool:
        channel = harness.workspace.channels.get(str(arguments.get("channel")))
        return channel is not None and channel.name == name and channel.kind == "channel"

    harness.workspace.faults.add(method, Fault.error(code), times=99, when=is_there)


def unreached(harness: BotHarness, questions: Collection[PostedMessage]) -> list[str]:
    """The channels of those who have neither the whole answer nor a sentence about it."""
    workspace = harness.workspace
    told = {(each.user, each.channel) for each in workspace.ephemerals}
    shown = [each for each in workspace.messages.values() if each.author == harness.bot]
    directly = " ".join(each.shown for each in shown if each.channel.startswith("D"))
    answered = {each.channel for each in shown if each.shown == "one two three"}
    return [
        workspace.channels[each.channel].name
        for each in questions
        if each.channel not in answered
        and (each.user, each.channel) not in told
        and f"<#{each.channel}>" not in directly
    ]


async def all_reached(harness: BotHarness, questions: Collection[PostedMessage]) -> None:
    try:
        await harness.workspace.until(lambda: not unreached(harness, questions), 30.0)
    except TimeoutError:
        raise AssertionError(f"not reached: {unreached(harness, questions)}") from None
    await harness.settled()


@pytest.mark.parametrize(("method", "codes"), groups("chat.postMessage", "chat.startStream"))
async def test_every_final_code_of_a_first_post(
    harness: BotHarness, method: str, codes: Sequence[str]
) -> None:
    """The answer comes in another way, or a sentence does, in private."""
    harness.model.answer = lambda _: "one two three"
    async with harness.running(settings(method)):
        for code in codes:
            for each in {method, "chat.postMessage"}:
                if code in final_codes(each):
                    refuse(harness, each, code, code)
        await all_reached(harness, [await ask(harness, code) for code in codes])


@pytest.mark.parametrize(("method", "codes"), groups("chat.postEphemeral"))
async def test_every_final_code_of_a_private_sentence(
    harness: BotHarness, method: str, codes: Sequence[str]
) -> None:
    """Where Slack shows nothing in the channel at all, the sentence comes as a direct message."""
    harness.model.answer = lambda _: "one two three"
    async with harness.running(settings(method)):
        for code in codes:
            refuse(harness, method, code, code)
            refuse(harness, "chat.postMessage", code, "restricted_action")
        await all_reached(harness, [await ask(harness, code) for code in codes])
    assert harness.workspace.ephemerals == []


@pytest.mark.parametrize(
    ("method", "codes"), groups("chat.update", "chat.appendStream", "chat.stopStream")
)
async def test_every_final_code_of_a_later_call(
    harness: BotHarness, method: str, codes: Sequence[str]
) -> None:
    """An answer that has begun is finished in another way, or it goes and a sentence comes."""
    harness.model.answer = lambda _: says("one two three").held(after=1)
    async with harness.running(settings(method)):
        questions = {code: await ask(harness, code) for code in codes}
        for code, question in questions.items():
            await harness.answered(question, "one")
            refuse(harness, method, code, code)
        if method == "chat.stopStream":  # Slack itself ends a stream after some minutes
            harness.workspace.streams.lifetime = 0.0
        harness.model.release()
        kept = [questions[code] for code in codes if code not in DELETED_BY_SOMEBODY]
        await all_reached(harness, kept)
        for question in questions.values():  # nothing stands there as if it still grew
            assert [each.shown for each in harness.answers(question)] != ["one"]


@pytest.mark.parametrize("code", sorted(REVOKED_TOKEN_CODES))
async def test_a_token_that_is_revoked(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """Nothing can reach anybody: the log says so, once, and the questions stay for the next run."""
    harness.model.answer = lambda _: "one two three"
    async with harness.running():
        harness.workspace.token_error = code
        questions = [await harness.mention("count") for _ in range(3)]
        await harness.settled()
    lines = [each for each in caplog.records if each.levelno >= logging.WARNING]
    told = [each for each in lines if "the bot's token" in each.getMessage()]
    assert [each.levelname for each in told] == ["CRITICAL"]
    harness.workspace.token_error = ""
    async with harness.running():
        for question in questions:
            await harness.answered(question, "one two three")
