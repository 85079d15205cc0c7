"""An error that repeats what people wrote teaches nothing about its server."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from slackbot.errors import ModelError
from slackbot.llm.openai.repetition import repeats
from slackbot.llm.prompt import Prompt, PromptMessage
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import Connect, Serve
from tests.llm.openai.prompts import ADD, PICTURE

LESSONS = (
    "Image input is not supported",
    "Tools are not supported",
    "At most 1 image is allowed",
    "tools",
    "Conversation roles must alternate",
    "roles must alternate",
    "Invalid schema for function 'add'",
    "System role not supported",
)


def detail(text: str) -> object:
    places = [{"loc": ["body", "messages", 1, "content"], "msg": "Not valid", "input": text}]
    return {"detail": [*places, {"loc": ["body", "messages", 1, "name"], "msg": "Not permitted"}]}


def pydantic(text: str) -> object:
    value = f"[type=string_type, input_value={text!r}, input_type=str]"
    lines = ("2 validation errors", f"messages.1\n  Not valid {value}", "messages.1.name\n  Extra")
    return {"error": {"message": "\n".join(lines)}}


FINE = '{"choices": [{"delta": {"content": "Fine"}, "finish_reason": "stop"}]}'


@pytest.mark.parametrize("text", LESSONS)
@pytest.mark.parametrize("error", [detail, pydantic])
async def test_nobody_teaches_the_bot(
    serve: Serve, connect: Connect, text: str, error: Callable[[str], object]
) -> None:
    """A server that takes no names repeats a message when it says so. The next person's request
    goes without names, and with all else.
    """
    received: list[Any] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        received.append(await request.json())
        if any("name" in each for each in received[-1]["messages"]):
            said = text if text in str(received[-1]["messages"]) else "Look!"
            return web.json_response(error(said), status=422)
        return web.Response(text=f"data: {FINE}\n\n", content_type="text/event-stream")

    model = connect(await serve(handler))
    await drafted(model, _asking(text))
    assert (await drafted(model, _asking("Look!"))).notes == ()
    _is_complete(received[-1])


@pytest.mark.parametrize("text", LESSONS)
async def test_nobody_teaches_it_within_a_stream(serve: Serve, connect: Connect, text: str) -> None:
    """The same holds for an error that arrives after the server has taken the request."""
    received: list[Any] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        received.append(await request.json())
        if text in str(received[-1]["messages"]) and "image_url" in str(received[-1]):
            return web.json_response({"error": {"message": f"Can't answer '{text}'."}})
        return web.Response(text=f"data: {FINE}\n\n", content_type="text/event-stream")

    model = connect(await serve(handler))
    with suppress(ModelError):
        await drafted(model, _asking(text))
    assert (await drafted(model, _asking("Look!"))).notes == ()
    _is_complete(received[-1])


def _asking(text: str) -> Prompt:
    media = [replace(PICTURE, content=PICTURE.content + f"{text}{n}".encode()) for n in range(2)]
    asked = PromptMessage("user", text, name="Ana", media=tuple(media))
    return Prompt((PromptMessage("developer", "Be brief."), asked), tools=(ADD,))


def _is_complete(request: Any) -> None:
    assert request["messages"][0] == {"role": "developer", "content": "Be brief."}
    assert str(request["messages"][1]).count("'type': 'image_url'") == 2
    assert [each["function"]["name"] for each in request["tools"]] == ["add"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("Image input is not supported", False),
        ("Can't read 'Hm, do you see the red one in there'", True),
        ("Can't read 'Hm,\\n\\nDo you\\nsee the'", True),
        ("The role user is unknown", False),
        ("Got 'OK'", True),
        ("OK", True),
        ("This is not OK for us", False),
    ],
)
def test_repeats(error: str, expected: bool) -> None:  # noqa: FBT001 - what is expected
    """A run of words counts, and a short text only where it is quoted, or alone."""
    assert repeats(error, ["", "Do you see the red one?", "ok", "Not supported"]) is expected
