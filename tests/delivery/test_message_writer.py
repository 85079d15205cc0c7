"""A reply's messages as Slack's own streams."""

import pytest

from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_slack.faults import Fault
from tests.harness import Stage

NATIVE = {"SLACKBOT_STREAMING": "native"}


def methods(stage: Stage) -> list[str]:
    return [call.method for call in stage.workspace.calls if call.method.startswith("chat.")]


async def test_native_stream(stage: Stage) -> None:
    """With SLACKBOT_STREAMING=native a reply grows as a stream of Slack's own."""
    async with stage.playing(NATIVE):
        stage.model.enqueue(says("one two three").held(after=2))
        question = await stage.mention("count")
        await stage.answered(question, "one two")
        stage.model.release()
        await stage.answered(question, "one two three")
    first, *between, last = methods(stage)
    assert (first, last) == ("chat.startStream", "chat.stopStream")
    assert set(between) <= {"chat.appendStream"}
    start = next(call for call in stage.workspace.calls if call.method == "chat.startStream")
    assert start.args["recipient_user_id"] == stage.ana.id
    assert start.args["recipient_team_id"] == stage.workspace.team.team_id


async def test_native_stream_appends(stage: Stage) -> None:
    """What comes between beginning and end is appended, and nothing is sent twice."""
    async with stage.playing(NATIVE):
        text = "word " * 60 + "end"
        stage.model.enqueue(says(text).paced(0.02))
        question = await stage.mention("write")
        (answer,) = await stage.answered(question, text)
    assert "chat.appendStream" in methods(stage)
    assert "chat.update" not in methods(stage)
    assert len(answer.states) > 3


@pytest.mark.parametrize("ping", ["<!channel>", "<@U123ABC>", "@here", "&lt;!everyone>"])
async def test_nothing_pings_in_a_stream(stage: Stage, ping: str) -> None:
    """A ping whose letters arrive one by one is never in what a stream was given."""
    async with stage.playing(NATIVE):
        pieces = tuple({"content": letter} for letter in f"Hey {ping} you" + " and" * 30)
        stage.model.enqueue(Script(pieces, cadence=0.01))
        question = await stage.mention("ping")
        await stage.workspace.until(
            lambda: (
                stage.answers(question)
                and stage.answers(question)[0].shown.endswith("you" + " and" * 30)
            )
        )
        (answer,) = stage.answers(question)
    assert not any(ping in state.shown or ping in state.text for state in answer.states)


async def test_expired_stream_goes_on_by_edits(stage: Stage) -> None:
    """When Slack has ended a stream, the same message is edited from there, and nothing is lost."""
    async with stage.playing(NATIVE):
        stage.model.enqueue(says("one two three").held(after=1))
        question = await stage.mention("count")
        (before,) = await stage.answered(question, "one")
        stage.workspace.streams.lifetime = 0.0
        stage.model.release()
        (after,) = await stage.answered(question, "one two three")
    assert before is after
    assert methods(stage)[-1] == "chat.update"


async def test_streams_that_slack_refuses(stage: Stage) -> None:
    """Where no stream can begin the reply is edited instead."""
    stage.workspace.faults.add("chat.startStream", Fault.error("not_supported"))
    async with stage.playing(NATIVE):
        stage.model.enqueue("one two three")
        question = await stage.mention("count")
        await stage.answered(question, "one two three")


async def test_lost_confirmation_of_a_stream(stage: Stage) -> None:
    """A stream whose beginning was confirmed to nobody is found and goes on; there is no second."""
    stage.workspace.faults.add("chat.startStream", Fault.reset_after())
    async with stage.playing(NATIVE):
        stage.model.enqueue(says("one two three").held(after=1))
        question = await stage.mention("count")
        await stage.workspace.until(lambda: stage.answers(question))
        stage.model.release()
        await stage.answered(question, "one two three")


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "fault", [Fault.reset_after(), Fault.reset_before(), Fault.rate_limited(1), Fault.status(500)]
)
async def test_a_call_of_a_stream_fails(stage: Stage, method: str, fault: Fault) -> None:
    """Whatever befalls a call of a stream, the text stands there once and whole."""
    stage.workspace.faults.add(method, fault)
    async with stage.playing(NATIVE):
        text = "word " * 60 + "end"
        stage.model.enqueue(says(text).paced(0.02))
        question = await stage.mention("write")
        await stage.answered(question, text)
    assert not stage.workspace.faults.pending


async def test_restart_over_an_open_stream(stage: Stage) -> None:
    """A stream that an earlier run left open is ended, and its message goes on by edits."""
    stage.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with stage.playing(NATIVE, grace=0.0):
        question = await stage.mention("count")
        (before,) = await stage.answered(question, "one")
    async with stage.playing(NATIVE):
        (after,) = await stage.answered(question, "one two three four")
    assert before is after


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_restart_over_a_stream_that_nobody_knows_of(stage: Stage, streaming: str) -> None:
    """A stream that a run began and did not come to record is found, whichever way the next goes:
    with SLACKBOT_STREAMING=auto that is not always the same.
    """
    stage.workspace.faults.add("chat.startStream", Fault.hang(30.0))
    stage.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with stage.playing(NATIVE, grace=0.0):
        question = await stage.mention("count")
        (before,) = await stage.answered(question, "one")
    async with stage.playing({"SLACKBOT_STREAMING": streaming}):
        (after,) = await stage.answered(question, "one two three four")
        await stage.service.bot.idle()
    assert before is after
    assert len(stage.answers(question)) == 1


async def test_the_answer_before_is_left_alone(stage: Stage) -> None:
    """A stream that began without a confirmation is not taken for the answer before it."""
    async with stage.playing(NATIVE):
        stage.model.enqueue(says("one two").held(after=1), "three four")
        root = await stage.mention("first")
        await stage.answered(root, "one")
        await stage.mention("second", thread=root.ts)
        stage.workspace.streams.lifetime = 0.0
        stage.workspace.faults.add("chat.startStream", Fault.reset_after())
        stage.model.release()
        await stage.answered(root, "one two", "three four")


async def test_long_answer_in_streams(stage: Stage) -> None:
    """An answer over one message's limit goes on in a further stream, whole."""
    async with stage.playing(NATIVE):
        text = "\n\n".join(f"Paragraph {number}: " + "word " * 100 for number in range(40)) + "end."
        stage.model.enqueue(text)
        question = await stage.mention("write")
        await stage.workspace.until(
            lambda: stage.answers(question) and stage.answers(question)[-1].shown.endswith("end.")
        )
        shown = [message.shown for message in stage.answers(question)]
    assert len(shown) == 2
    assert " ".join(shown).split() == text.split()


async def test_auto_uses_both(stage: Stage) -> None:
    """SLACKBOT_STREAMING=auto spreads replies over edits and streams."""
    async with stage.playing({"SLACKBOT_STREAMING": "auto"}):
        stage.model.answer = lambda _: says("one two three").held(after=2)
        questions = [await stage.mention("count") for _ in range(6)]
        for question in questions:
            await stage.answered(question, "one two")
        stage.model.release()
        for question in questions:
            await stage.answered(question, "one two three")
    assert {"chat.startStream", "chat.postMessage"} <= set(methods(stage))
