"""Pictures that the model draws, from the question to the thread, over the wire."""

import json

from slackbot.playground.fake_openai.script import calls, fails, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.tools.image_generation import NOT_SHOWN
from tests import sample_files
from tests.harness import Stage

DRAWING = {"OPENAI_IMAGE_MODEL": "artist"}
FLAG = json.dumps({"description": "A flag, red & blue", "shape": "wide"})


def told(stage: Stage) -> str:
    results = [m["content"] for m in stage.model.requests[-1]["messages"] if m["role"] == "tool"]
    return str(results[-1])


async def drawn(stage: Stage, arguments: str = FLAG) -> tuple[str, str]:
    """What the model is told of its picture, and the thread's files."""
    stage.model.enqueue(calls("draw_picture", arguments), "Here it is.")
    question = await stage.mention("draw a flag")
    await stage.workspace.until(
        lambda: any(each.shown.startswith("Here it is.") for each in stage.answers(question))
    )
    await stage.service.bot.idle()
    files = [file["name"] for each in stage.answers(question) for file in each.files]
    return told(stage), ", ".join(files)


async def test_a_picture(stage: Stage) -> None:
    """It is drawn as described, added to the thread, and known to the history."""
    stage.model.media.picture = sample_files.picture()
    async with stage.playing(DRAWING):
        result, files = await drawn(stage)
        assert files == "a-flag-red-blue.png"
        assert result.startswith(
            "It was drawn, and people see it in the thread, in the file a-flag"
        )
        stage.model.enqueue("Of course.")
        root = next(iter(stage.workspace.messages.values()))
        await stage.ask("do you remember?", thread=root.ts)
    assert result in str(stage.model.requests[-1]["messages"])
    (asked,) = stage.model.media.drawn
    assert (asked["prompt"], asked["size"]) == ("A flag, red & blue", "1536x1024")
    (file,) = stage.workspace.files
    assert file.content == stage.model.media.picture


async def test_without_a_model_that_draws(stage: Stage) -> None:
    """The tool is there only if OPENAI_IMAGE_MODEL is set."""
    async with stage.playing():
        result, files = await drawn(stage)
    assert "draw_picture" not in str(stage.model.requests[0]["tools"])
    assert result.startswith("Error: there is no tool draw_picture.")
    assert not files


async def test_what_may_not_be_drawn(stage: Stage) -> None:
    """The model learns that it was refused, and goes on."""
    stage.model.media.failures.append(fails(400, "no", code="moderation_blocked"))
    async with stage.playing(DRAWING):
        result, files = await drawn(stage)
    assert result == "Error: The model refuses to draw that: it may break its provider's rules."
    assert not files


async def test_what_can_not_be_shown(stage: Stage) -> None:
    """A picture that Slack does not take is told as such."""
    stage.workspace.faults.add(
        "files.completeUploadExternal", Fault.error("posting_to_channel_denied")
    )
    async with stage.playing(DRAWING):
        result, files = await drawn(stage)
    assert result == f"Error: {NOT_SHOWN}"
    assert not files


async def test_odd_arguments(stage: Stage) -> None:
    """Nothing is drawn that was not described, nor in a shape that there is not."""
    async with stage.playing(DRAWING):
        result, _ = await drawn(stage, '{"description": "", "shape": "round"}')
    assert result.startswith("Error: The arguments do not fit.")
    assert not stage.model.media.drawn


async def test_a_crash_after_it_was_drawn(stage: Stage) -> None:
    """The picture stays: it is no part of the answer that the next run goes on with."""
    stage.model.media.picture = sample_files.picture()
    async with stage.playing(DRAWING, grace=0.0):
        drawing = says("Look.").then(calls("draw_picture", FLAG))
        stage.model.enqueue(drawing, says("uno due").held(after=1))
        question = await stage.mention("draw a flag")
        await stage.workspace.until(
            lambda: any("uno" in each.shown for each in stage.answers(question))
        )
        stage.service.bot.abandon()
    async with stage.playing(DRAWING):
        stage.model.enqueue("Here it is.")
        await stage.workspace.until(
            lambda: any("Here it is." in each.shown for each in stage.answers(question))
        )
        await stage.service.bot.idle()
    answer, picture = stage.answers(question)
    assert answer.shown == "Look.\n\nHere it is.\n\n🔧 _Used `draw_picture`_"
    assert [file["name"] for file in picture.files] == ["a-flag-red-blue.png"]
