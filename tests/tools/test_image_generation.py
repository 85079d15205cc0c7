import json

from slackbot.llm.tool_calls import TOO_MANY_OF_A_TOOL
from slackbot.playground.fake_openai.script import calls, calls_together, fails, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.tools import texts
from slackbot.tools.image_generation import MAX_PICTURES_PER_ANSWER
from tests import sample_files
from tests.harness import BotHarness
from tests.tools.tool_calls import call_tool, tool_results

DRAWING = {"OPENAI_IMAGE_MODEL": "artist"}
FLAG = json.dumps({"description": "A flag, red & blue", "shape": "wide"})


async def ask_for_picture(harness: BotHarness, arguments: str = FLAG) -> tuple[str, str]:
    """Returns what the model reads about its picture, and the names of the thread's files."""
    harness.model.enqueue(calls("draw_picture", arguments), "Here it is.")
    question = await harness.mention("draw a flag")
    await harness.workspace.until(
        lambda: any(each.shown.startswith("Here it is.") for each in harness.answers(question))
    )
    await harness.service.bot.idle()
    files = [file["name"] for each in harness.answers(question) for file in each.files]
    return tool_results(harness)[-1], ", ".join(files)


async def test_picture(harness: BotHarness) -> None:
    """A picture is drawn as described, added to the thread, and remembered in later turns."""
    harness.model.media.picture = sample_files.picture()
    async with harness.running(DRAWING):
        result, files = await ask_for_picture(harness)
        assert files == "a-flag-red-blue.png"
        assert result.startswith(
            "The picture is drawn, and people see it in the thread, in the file a-flag"
        )
        harness.model.enqueue("Of course.")
        root = next(iter(harness.workspace.messages.values()))
        await harness.ask("do you remember?", thread=root.ts)
    assert result in str(harness.model.requests[-1]["messages"])
    (asked,) = harness.model.media.image_requests
    assert (asked["prompt"], asked["size"]) == ("A flag, red & blue", "1536x1024")
    (file,) = harness.workspace.files
    assert file.content == harness.model.media.picture


async def test_no_image_model(harness: BotHarness) -> None:
    """The tool is offered only if OPENAI_IMAGE_MODEL is set."""
    async with harness.running():
        result, files = await ask_for_picture(harness)
    assert "draw_picture" not in str(harness.model.requests[0]["tools"])
    assert result.startswith("Error: not run, because there is no tool draw_picture.")
    assert not files


async def test_refused(harness: BotHarness) -> None:
    """The model is told that a picture is refused, and answers."""
    harness.model.media.failures.append(fails(400, "no", code="moderation_blocked"))
    async with harness.running(DRAWING):
        result, files = await ask_for_picture(harness)
    assert result == "Error: The model refuses to draw that: it may break its provider's rules."
    assert not files


async def test_not_shown(harness: BotHarness) -> None:
    """The model is told that Slack does not take its picture."""
    harness.workspace.faults.add(
        "files.completeUploadExternal", Fault.error("posting_to_channel_denied")
    )
    async with harness.running(DRAWING):
        result, files = await ask_for_picture(harness)
    assert result == f"Error: {texts.IMAGE_NOT_SHOWN}"
    assert not files


async def test_wrong_arguments(harness: BotHarness) -> None:
    """Nothing is drawn without a description, or in an unknown shape."""
    async with harness.running(DRAWING):
        result, _ = await ask_for_picture(harness, '{"description": "", "shape": "round"}')
    assert result.startswith("Error: not run. The arguments do not fit.")
    assert not harness.model.media.image_requests


async def test_crash_after_the_picture(harness: BotHarness) -> None:
    """After a crash, the picture stays, and the answer continues in its own message."""
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


async def test_pictures_are_for_members(harness: BotHarness) -> None:
    """A picture costs money, so guests can't have one drawn."""
    gus = harness.workspace.add_person("Gus", restricted=True)
    async with harness.running(DRAWING):
        result = await call_tool(harness, "draw_picture", FLAG, person=gus)
    assert result.startswith("Error: not run, because there is no tool draw_picture.")
    assert not harness.model.media.image_requests


async def test_pictures_without_an_end(harness: BotHarness) -> None:
    """One answer gets a few pictures, whether it asks for them together or one after the other."""
    harness.model.media.picture = sample_files.picture()
    together = [calls("draw_picture", FLAG, call_id=f"call_{number}") for number in range(3)]
    again = [calls("draw_picture", FLAG, call_id=f"again_{number}") for number in range(3)]
    harness.model.enqueue(calls_together(*together), calls_together(*again), says("Enough."))
    async with harness.running(DRAWING):
        question = await harness.mention("draw for ever")
        await harness.settled()
        assert harness.answers(question)[0].shown.startswith("Enough.")
    assert len(harness.model.media.image_requests) == MAX_PICTURES_PER_ANSWER
    refusal = TOO_MANY_OF_A_TOOL.format(limit=MAX_PICTURES_PER_ANSWER)
    assert tool_results(harness)[-2:] == [refusal, refusal]
