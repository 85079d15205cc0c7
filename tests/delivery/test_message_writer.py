"""A reply's messages as Slack's own streams."""

import pytest

from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_slack.faults import Fault
from tests.delivery.transports import NATIVE
from tests.harness import BotHarness


def methods(harness: BotHarness) -> list[str]:
    return [call.method for call in harness.workspace.calls if call.method.startswith("chat.")]


async def test_native_stream(harness: BotHarness) -> None:
    """With SLACKBOT_STREAMING=native a reply grows as a stream of Slack's own."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three").held(after=2))
        question = await harness.mention("count")
        await harness.answered(question, "one two")
        harness.model.release()
        await harness.answered(question, "one two three")
    first, *between, last = methods(harness)
    assert (first, last) == ("chat.startStream", "chat.stopStream")
    assert set(between) <= {"chat.appendStream"}
    start = next(call for call in harness.workspace.calls if call.method == "chat.startStream")
    assert start.args["recipient_user_id"] == harness.ana.id
    assert start.args["recipient_team_id"] == harness.workspace.team.team_id


async def test_native_stream_appends(harness: BotHarness) -> None:
    """Text between beginning and end is appended, and nothing is sent twice."""
    async with harness.running(NATIVE):
        text = "word " * 60 + "end"
        harness.model.enqueue(says(text).paced(0.02))
        question = await harness.mention("write")
        (answer,) = await harness.answered(question, text)
    assert "chat.appendStream" in methods(harness)
    assert "chat.update" not in methods(harness)
    assert len(answer.versions) > 3


@pytest.mark.parametrize("ping", ["<!channel>", "<@U123ABC>", "@here", "&lt;!everyone>"])
async def test_nothing_pings_in_a_stream(harness: BotHarness, ping: str) -> None:
    """A ping whose letters arrive one by one is never in what a stream was given."""
    async with harness.running(NATIVE):
        pieces = tuple({"content": letter} for letter in f"Hey {ping} you" + " and" * 30)
        harness.model.enqueue(Script(pieces, cadence=0.01))
        question = await harness.mention("ping")
        await harness.workspace.until(
            lambda: (
                harness.answers(question)
                and harness.answers(question)[0].shown.endswith("you" + " and" * 30)
            )
        )
        (answer,) = harness.answers(question)
    assert not any(ping in version.shown or ping in version.text for version in answer.versions)


async def test_expired_stream_goes_on_by_edits(harness: BotHarness) -> None:
    """When Slack has ended a stream, the same message is edited from there, and nothing is lost."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        harness.workspace.streams.lifetime = 0.0
        harness.model.release()
        (after,) = await harness.answered(question, "one two three")
    assert before is after
    assert methods(harness)[-1] == "chat.update"


@pytest.mark.parametrize(
    ("error", "tried_in"),
    [
        ("channel_type_not_supported", ["general", "random"]),
        ("user_not_found", ["general", "random"]),
        ("missing_recipient_user_id", ["general", "random"]),
        ("unknown_method", ["general"]),
        ("missing_scope", ["general"]),
    ],
)
async def test_streams_that_slack_refuses(
    harness: BotHarness, error: str, tried_in: list[str]
) -> None:
    """Where no stream can begin the reply is edited instead, in one message; later ones there are
    edited from the start, in the channel or in the whole workspace.
    """
    random = harness.workspace.add_channel("random", members=[harness.ana])
    harness.workspace.faults.add("chat.startStream", Fault.error(error), times=99)
    async with harness.running(NATIVE):
        for channel in (harness.general, random, harness.general, random):
            harness.model.enqueue(says("one two three").held(after=1))
            question = await harness.workspace.say(
                harness.ana, channel, f"{harness.bot.mention} count"
            )
            (before,) = await harness.answered(question, "one")
            harness.model.release()
            assert await harness.answered(question, "one two three") == [before]
            await harness.service.bot.idle()
    starts = [call for call in harness.workspace.calls if call.method == "chat.startStream"]
    names = {harness.general.id: "general", random.id: "random"}
    assert [names[call.args["channel"]] for call in starts] == tried_in


async def test_too_many_streams(harness: BotHarness) -> None:
    """A reply whose stream Slack puts off for a minute is edited at once."""
    harness.workspace.faults.add("chat.startStream", Fault.rate_limited(60))
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        harness.model.release()
        assert await harness.answered(question, "one two") == [before]
    assert methods(harness) == ["chat.startStream", "chat.postMessage", "chat.update"]


async def test_lost_confirmation_of_a_stream(harness: BotHarness) -> None:
    """A stream whose beginning was confirmed to nobody is found and goes on; there is no second."""
    harness.workspace.faults.add("chat.startStream", Fault.reset_after())
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.workspace.until(lambda: harness.answers(question))
        harness.model.release()
        await harness.answered(question, "one two three")


async def test_lost_confirmation_of_a_stream_that_can_be_begun_no_more(
    harness: BotHarness,
) -> None:
    """A stream whose beginning was confirmed to nobody is found, though the reply is edited by now,
    as Slack begins no more streams.
    """
    harness.workspace.faults.add("chat.startStream", Fault.reset_after())
    harness.workspace.faults.add("chat.startStream", Fault.rate_limited(60))
    async with harness.running():
        harness.model.answer = lambda _: says("one two").held(after=1)
        questions = [await harness.mention("count") for _ in range(2)]
        await harness.workspace.until(
            lambda: any(call.method == "conversations.replies" for call in harness.workspace.calls)
        )
        harness.model.release()
        for question in questions:
            await harness.finished(question)
            assert [each.shown for each in harness.answers(question)] == ["one two"]


@pytest.mark.parametrize("fault", [Fault.status(503), Fault.reset_before()])
async def test_streams_that_slack_fails_to_begin(harness: BotHarness, fault: Fault) -> None:
    """Where Slack can't begin a stream, the reply is edited, and does not wait until it can."""
    harness.workspace.faults.add("chat.startStream", fault, times=99)
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        harness.model.release()
        assert await harness.answered(question, "one two") == [before]


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "fault", [Fault.reset_after(), Fault.reset_before(), Fault.rate_limited(1), Fault.status(500)]
)
async def test_a_call_of_a_stream_fails(harness: BotHarness, method: str, fault: Fault) -> None:
    """Whatever befalls a call of a stream, the text stands there once and whole."""
    harness.workspace.faults.add(method, fault)
    async with harness.running(NATIVE):
        text = "word " * 60 + "end"
        harness.model.enqueue(says(text).paced(0.02))
        question = await harness.mention("write")
        await harness.answered(question, text)
    assert not harness.workspace.faults.pending


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "error", ["streaming_mode_mismatch", "message_not_in_streaming_state", "never_heard_of"]
)
async def test_a_refusal_in_mid_answer(harness: BotHarness, method: str, error: str) -> None:
    """Whatever Slack refuses of a stream that began, its message goes on by edits, whole."""
    async with harness.running(NATIVE):
        text = "word " * 100 + "end"
        harness.model.enqueue(says(text).paced(0.01))
        question = await harness.mention("write")
        await harness.workspace.until(lambda: harness.answers(question))
        (before,) = harness.answers(question)
        harness.workspace.faults.add(method, Fault.error(error))
        if error == "message_not_in_streaming_state":
            harness.workspace.streams.lifetime = 0.0
        assert await harness.answered(question, text) == [before]
        await harness.finished(question)
    assert not harness.workspace.faults.pending or error == "message_not_in_streaming_state"


@pytest.mark.parametrize("end", ["expired", "stopped"])
async def test_a_lost_answer_of_a_stream_that_ends(harness: BotHarness, end: str) -> None:
    """A stream that ends while the answer to an append is lost has all of its text, once."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three four").held(after=2))
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one two")
        harness.workspace.faults.add("chat.*Stream", Fault.reset_after())
        harness.workspace.faults.add("chat.update", Fault.reset_after())
        if end == "expired":
            harness.workspace.streams.lifetime = 0.0
            harness.model.release()
            assert await harness.answered(question, "one two three four") == [before]
        else:
            harness.workspace.streams.stop_by_user(before)
            harness.model.release()
            await harness.finished(question)
            (after,) = harness.answers(question)
            assert after is before
            assert after.shown.startswith("one two")


async def test_an_open_stream_that_slack_would_not_stop(harness: BotHarness) -> None:
    """A stream that Slack does not stop at once is stopped later; its message is not given up."""
    harness.model.enqueue(says("one two").held(after=1), "one two")
    async with harness.running(NATIVE, grace=0.0):
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
    harness.workspace.faults.add("chat.stopStream", Fault.error("never_heard_of"), times=2)
    async with harness.running(NATIVE):
        assert await harness.answered(question, "one two") == [before]
    assert not harness.workspace.faults.pending


async def test_an_expired_stream_that_somebody_deleted(harness: BotHarness) -> None:
    """A message that is gone once its stream has expired is not written again."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two").held(after=1), "three")
        question = await harness.mention("count")
        (answer,) = await harness.answered(question, "one")
        harness.workspace.faults.add("chat.*Stream", Fault.error("message_not_in_streaming_state"))
        answer.deleted = True  # and nobody has told the bot
        harness.model.release()
        await harness.service.bot.idle()
        assert harness.answers(question) == []
        await harness.mention("go on", thread=question.ts)
        await harness.answered(question, "three")


async def test_the_answer_before_is_left_alone(harness: BotHarness) -> None:
    """A stream that began without a confirmation is not taken for the answer before it."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two").held(after=1), "three four")
        root = await harness.mention("first")
        await harness.answered(root, "one")
        await harness.mention("second", thread=root.ts)
        harness.workspace.streams.lifetime = 0.0
        harness.workspace.faults.add("chat.startStream", Fault.reset_after())
        harness.model.release()
        await harness.answered(root, "one two", "three four")


async def test_long_answer_in_streams(harness: BotHarness) -> None:
    """An answer over one message's limit goes on in a further stream, whole."""
    async with harness.running(NATIVE):
        text = "\n\n".join(f"Paragraph {number}: " + "word " * 100 for number in range(40)) + "end."
        harness.model.enqueue(text)
        question = await harness.mention("write")
        await harness.workspace.until(
            lambda: (
                harness.answers(question) and harness.answers(question)[-1].shown.endswith("end.")
            )
        )
        shown = [message.shown for message in harness.answers(question)]
    assert len(shown) == 2
    assert " ".join(shown).split() == text.split()
