"""Servers that refuse one picture, in the words of real ones, over the real protocols.

The messages are those of vLLM with Qwen's models, DashScope, OpenAI, llama.cpp, Ollama, Gemini's
compatibility layer, and gateways to Anthropic's models.
"""

import re
from typing import Any

import pytest

from slackbot.llm.openai.texts import MEDIA_NOT_TAKEN, MEDIA_OMITTED
from slackbot.playground.fake_openai.script import Refusal, Script, fails, says
from tests import sample_files
from tests.attachments.helpers import ask, cat, pictures, text
from tests.harness import BotHarness, Request

BAD_WIDTH = 66
"""A picture of this width is the one that a server of these tests refuses."""

QWEN = "height:8 and width:8 must be larger than factor:28"

REFUSALS = [
    fails(400, QWEN, type="BadRequestError"),
    fails(
        400,
        "Failed to apply Qwen2_5_VLProcessor on data={'text': '<|im_start|>system\\nYou have "
        f"tools and a role', 'images': [<PIL.Image.Image size=8x8>]}} with kwargs={{}} {QWEN}",
    ),
    fails(
        400,
        "<400> InternalError.Algo.InvalidParameter: The image length and width do not meet the "
        "model restrictions. [height:1 or width:1 must be larger than 10]",
    ),
    fails(
        400,
        "You uploaded an unsupported image. Please make sure your image has of one the following "
        "formats: ['png', 'jpeg', 'gif', 'webp'].",
        code="invalid_image_format",
    ),
    fails(400, "Failed to load image or audio file"),
    fails(400, "Unable to process input image. Please retry or report in https://example.com"),
    fails(400, "messages.1.content.1.image.source.base64: image exceeds 5 MB maximum"),
    fails(400, "Request contains an invalid argument."),
]


def sizes(request: Request) -> list[tuple[int, int]]:
    """The sizes of all pictures in a request."""
    sent = [each for n in range(len(request["messages"])) for each in pictures(request, n)]
    found = []
    for each in sent:
        with sample_files.open_image(each) as image:
            found.append(image.size)
    return found


def refuse_bad(harness: BotHarness, refusal: Script) -> None:
    """From now on the server refuses what holds the bad picture, and else says what it sees."""

    def answer(request: dict[str, Any]) -> Script | str:
        widths = [width for width, _ in sizes(request)]
        return refusal if BAD_WIDTH in widths else f"I see {widths}."

    harness.model.answer = answer


def bad(harness: BotHarness) -> dict[str, Any]:
    content = sample_files.picture(size=(BAD_WIDTH, 33))
    return harness.workspace.share(harness.ana, "bad.png", content, "image/png")


UNREADABLE = f"⚠️ _{MEDIA_OMITTED['unreadable'].format(name='“bad.png”')}_"


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_one_bad_picture(harness: BotHarness, refusal: Script) -> None:
    """That picture alone is left out: the others of its message, of its thread and of everybody
    else are shown, and the thread is answered with one request from then on.
    """
    async with harness.running():
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        refuse_bad(harness, refusal)
        question, answer = await harness.ask("what are these?", bad(harness), cat(harness))
        assert answer == f"I see [64].\n\n{UNREADABLE}"
        assert "(“bad.png” could not be shown to you.)" in text(harness.model.requests[-1])
        before = len(harness.model.requests)
        assert await ask(harness, "and now?", thread=question.ts) == "I see [64]."
        another = cat(harness, size=(80, 40))
        assert await ask(harness, "and this?", another, thread=question.ts) == "I see [64, 80]."
        assert await ask(harness, "and elsewhere?", cat(harness)) == "I see [64]."
        assert len(harness.model.requests) == before + 3


async def test_an_error_in_the_stream(harness: BotHarness) -> None:
    """A server that looks at a picture after it has answered 200 refuses it in the stream."""
    error = says("").failed(0, Refusal(message=QWEN, code="400"))
    async with harness.running():
        refuse_bad(harness, error)
        question, answer = await harness.ask("what is it?", bad(harness))
        assert answer == f"I see [].\n\n{UNREADABLE}"
        assert await ask(harness, "and this?", cat(harness), thread=question.ts) == "I see [64]."
    assert len(harness.model.requests) == 3


@pytest.mark.parametrize(
    "refusal",
    [
        fails(400, "Invalid content type. image_url is only supported by certain models."),
        fails(404, "No endpoints found that support image input"),
        fails(400, "tiny is not a multimodal model"),
        fails(500, "image input is not supported - hint: you may need to provide the mmproj"),
        fails(500, "failed to process inputs: this model is missing data required for image input"),
    ],
)
async def test_models_without_vision(harness: BotHarness, refusal: Script) -> None:
    """A server that says that the model takes no pictures is sent none from then on."""
    harness.model.answer = lambda request: refusal if sizes(request) else "I see nothing."
    note = f"⚠️ _{MEDIA_NOT_TAKEN['image_url']}_"
    async with harness.running():
        for size in ((64, 32), (80, 40)):
            answer = await ask(harness, "what is it?", cat(harness, size=size))
            assert answer == f"I see nothing.\n\n{note}"
    assert [bool(sizes(each)) for each in harness.model.requests][-2:] == [False, False]


@pytest.mark.parametrize(
    "wording",
    [
        "At most 1 image(s) may be provided in one request.",
        "You set image=1 (or defaulted to 1) in `--limit-mm-per-prompt`, but passed 2 image items",
        "Too many images.",
    ],
)
async def test_too_many_pictures(harness: BotHarness, wording: str) -> None:
    """The newest ones are shown, as many as the server takes, in the first request from then on."""

    def answer(request: dict[str, Any]) -> Script | str:
        widths = [width for width, _ in sizes(request)]
        return fails(400, wording) if len(widths) > 1 else f"I see {widths}."

    harness.model.answer = answer
    note = MEDIA_OMITTED["surplus"].format(name="“cat.png”")
    async with harness.running():
        large = cat(harness, size=(80, 40))
        question, shown = await harness.ask("what are these?", cat(harness), large)
        assert shown == f"I see [80].\n\n⚠️ _{note}_"
        assert await ask(harness, "and now?", thread=question.ts) == "I see [80]."
        third = cat(harness, size=(96, 40))
        assert await ask(harness, "and this?", third, thread=question.ts) == "I see [96]."
    assert len(harness.model.requests) == 4


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (3_000, 2), (2, 1_000)])
async def test_small_and_narrow_pictures(harness: BotHarness, size: tuple[int, int]) -> None:
    """A picture that some servers would refuse for its size is made larger, or gets a margin."""

    def answer(request: dict[str, Any]) -> Script | str:
        ((width, height),) = sizes(request)
        if min(width, height) < 28:
            return fails(400, re.sub("8", str(min(width, height)), QWEN))
        if max(width, height) > 200 * min(width, height):
            return fails(400, "absolute aspect ratio must be smaller than 200, got 300.0")
        return "A flag."

    harness.model.answer = answer
    async with harness.running():
        assert await ask(harness, "what is it?", cat(harness, size=size)) == "A flag."
    assert len(harness.model.requests) == 1
