"""Pictures that the model draws, from the question to the thread, over the wire."""

import json

from slackbot.playground.fake_openai.script import calls, fails, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.tools.image_generation import NOT_SHOWN
from tests import sample_files
from tests.harness import BotHarness

DRAWING = {"OPENAI_IMAGE_MODEL": "artist"}
FLAG = json.dumps({"description": "A flag, red & blue", "shape": "wide"})


def told(harness: BotHarness) -> str:
    results = [m["content"] for m in harness.model.requests[-1]["messages"] if m["role"] == "tool"]
    return str(results[-1])


async def drawn(harness: BotHarness, arguments: str = FLAG) -> tuple[str, str]:
    """What the model is told of its picture, and the thread's files."""
    harness.model.enqueue(calls("draw_picture", arguments), "Here it is.")
    question = await harness.mention("draw a flag")
    await harness.workspace.until(
        lambda: any(each.shown.startswith("Here it is.") for each in harness.answers(question))
    )
    await harness.service.bot.idle()
    files = [file["name"] for each in harness.answers(question) for file in each.files]
    return told(harness), ", ".join(files)


async def test_a_picture(harness: BotHarness) -> None:
    """It is drawn as described, added to the thread, and known to the history."""
    harness.model.media.picture = sample_files.picture()
    async with harness.running(DRAWING):
        result, files = await drawn(harness)
        assert files == "a-flag-red-blue.png"
        assert result.startswith(
            "It was drawn, and people see it in the thread, in the file a-flag"
        )
        harness.model.enqueue("Of course.")
        root = next(iter(harness.workspace.messages.values()))
        await harness.ask("do you remember?", thread=root.ts)
    assert result in str(harness.model.requests[-1]["messages"])
    (asked,) = harness.model.media.image_requests
    assert (asked["prompt"], asked["size"]) == ("A flag, red & blue", "1536x1024")
    (file,) = harness.workspace.files
    assert file.content == harness.model.media.picture


async def test_without_a_model_that_draws(harness: BotHarness) -> None:
    """The tool is there only if OPENAI_IMAGE_MODEL is set."""
    async with harness.running():
        result, files = await drawn(harness)
    assert "draw_picture" not in str(harness.model.requests[0]["tools"])
    assert result.startswith("Error: there is no tool draw_picture.")
    assert not files


async def test_what_may_not_be_drawn(harness: BotHarness) -> None:
    """The model learns that it was refused, and goes on."""
    harness.model.media.failures.append(fails(400, "no", code="moderation_blocked"))
    async with harness.running(DRAWING):
        result, files = await drawn(harness)
    assert result == "Error: The model refuses to draw that: it may break its provider's rules."
    assert not files


async def test_what_can_not_be_shown(harness: BotHarness) -> None:
    """A picture that Slack does not take is told as such."""
    harness.workspace.faults.add(
        "files.completeUploadExternal", Fault.error("posting_to_channel_denied")
    )
    async with harness.running(DRAWING):
        result, files = await drawn(harness)
    assert result == f"Error: {NOT_SHOWN}"
    assert not files


async def test_odd_arguments(harness: BotHarness) -> None:
    """Nothing is drawn that was not described, nor in a shape that there is not."""
    async with harness.running(DRAWING):
        result, _ = await drawn(harness, '{"description": "", "shape": "round"}')
    assert result.startswith("Error: The arguments do not fit.")
    assert not harness.model.media.image_requests


async def test_a_crash_after_it_was_drawn(harness: BotHarness) -> None:
    """The picture stays: it is no part of the answer that the next run goes on with."""
    harness.model.media.picture = sample_files.picture()
    async with harness.running(DRAWING, grace=0.0):
        drawing = says("Look.").then(calls("draw_picture", FLAG))
        harness.model.enqueue(drawing, says("uno due").held(after=1))
        question = await harness.mention("draw a flag")
        await harness.workspace.until(
            lambda: any("uno" in each.shown for each in harness.answers(question))
        )
        harness.service.bot.abandon()
    async with harness.running(DRAWING):
        harness.model.enqueue("Here it is.")
        await harness.workspace.until(
            lambda: any("Here it is." in each.shown for each in harness.answers(question))
        )
        await harness.service.bot.idle()
    answer, picture = harness.answers(question)
    assert answer.shown == "Look.\n\nHere it is.\n\n🔧 _Used `draw_picture`_"
    assert [file["name"] for file in picture.files] == ["a-flag-red-blue.png"]
