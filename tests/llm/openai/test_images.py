"""Pictures that a model draws, over real HTTP."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from slackbot.errors import ModelError
from slackbot.llm.openai.client import Connection
from slackbot.llm.openai.images import ImageModel
from slackbot.llm.openai.texts import IMAGE_REFUSED, NOT_AN_IMAGE
from slackbot.playground.fake_openai.script import fails
from slackbot.playground.fake_openai.server import ModelServer
from tests import sample_files
from tests.llm.openai.conftest import Serve


@pytest.fixture
async def images(server: ModelServer) -> AsyncIterator[ImageModel]:
    images = ImageModel(Connection("sk-test", server.url, 5.0), "artist")
    yield images
    await images.close()


async def test_a_picture(server: ModelServer, images: ImageModel) -> None:
    """What is described is drawn in the size of its shape."""
    server.media.picture = sample_files.picture("JPEG")
    assert await images.draw("a flag", "wide") == (server.media.picture, "jpg")
    (asked,) = server.media.image_requests
    assert asked == {"model": "artist", "prompt": "a flag", "size": "1536x1024"}


async def test_what_may_not_be_drawn(server: ModelServer, images: ImageModel) -> None:
    """A refusal for what is to be drawn is told as one."""
    server.media.failures.append(fails(400, "blocked", code="moderation_blocked"))
    with pytest.raises(ModelError) as caught:
        await images.draw("a flag", "square")
    assert caught.value.user_message == IMAGE_REFUSED


async def test_failures(server: ModelServer, images: ImageModel) -> None:
    """Others have the sentences of every model."""
    server.media.failures.append(fails(404, "no such model", code="model_not_found"))
    with pytest.raises(ModelError, match="The model “artist” does not exist"):
        await images.draw("a flag", "square")


@pytest.mark.parametrize("content", [b"", b"<html>", sample_files.picture("GIF")])
async def test_no_picture(server: ModelServer, images: ImageModel, content: bytes) -> None:
    """What is no picture is shown to nobody."""
    server.media.picture = content
    with pytest.raises(ModelError) as caught:
        await images.draw("a flag", "square")
    assert caught.value.user_message == NOT_AN_IMAGE


@pytest.mark.parametrize(
    "odd", ['{"data": null}', '{"data": [{"b64_json": 5}]}', '{"data": {"a": 1}}', "[]", '"é"']
)
async def test_no_response(serve: Serve, odd: str) -> None:
    """So is what is no response."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(text=odd, content_type="application/json")

    images = ImageModel(Connection("sk-test", await serve(handler), 5.0), "artist")
    with pytest.raises(ModelError) as caught:
        await images.draw("a flag", "square")
    assert caught.value.user_message == NOT_AN_IMAGE
    await images.close()
