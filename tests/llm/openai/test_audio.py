"""Recordings that are written down and texts that are spoken, over real HTTP."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from slackbot.attachments.media_parts import AudioContent
from slackbot.errors import ModelError
from slackbot.llm.openai.audio import MAX_TRANSCRIPT_CHARACTERS, AudioModel
from slackbot.llm.openai.client import Connection
from slackbot.llm.openai.texts import NO_TRANSCRIPTION_MODEL
from slackbot.playground.fake_openai.script import fails
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.conftest import Serve

CLIP = AudioContent(b"ID3 a recording", "a.mp3", 1.0, 1.0)


@pytest.fixture
async def audio(server: ModelServer) -> AsyncIterator[AudioModel]:
    audio = AudioModel(Connection("sk-test", server.url, 5.0), "ears", "mouth")
    yield audio
    await audio.close()


async def test_a_recording(server: ModelServer, audio: AudioModel) -> None:
    """The recording is sent as it is; its words come back without blanks around them."""
    server.media.transcript = " Ahoy! \n"
    assert await audio.transcribe(CLIP) == "Ahoy!"
    assert server.media.recordings == [CLIP.content]


async def test_an_endless_transcript(server: ModelServer, audio: AudioModel) -> None:
    """A model that repeats itself without an end does not fill the conversation."""
    server.media.transcript = "word " * 100_000
    assert len(await audio.transcribe(CLIP)) == MAX_TRANSCRIPT_CHARACTERS


@pytest.mark.parametrize("odd", ['{"text": null}', '{"words": 5}', "[]", "Ahoy"])
async def test_no_transcript(serve: Serve, odd: str) -> None:
    """What is no transcript is a fault of the server, and not taken for silence."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(text=odd, content_type="application/json")

    audio = AudioModel(Connection("sk-test", await serve(handler), 5.0), "ears", "mouth")
    with pytest.raises(ModelError, match="not an answer"):
        await audio.transcribe(CLIP)
    await audio.close()


async def test_a_text(server: ModelServer, audio: AudioModel) -> None:
    """The text is sent as it is; the sound comes back."""
    assert await audio.speak("Ahoy!") == server.media.speech
    assert server.media.spoken_texts == ["Ahoy!"]


async def test_no_models(server: ModelServer) -> None:
    """Without a model for it nothing is asked: nobody listens, and nothing is said."""
    audio = AudioModel(Connection("sk-test", server.url, 5.0), "", "")
    with pytest.raises(ModelError) as caught:
        await audio.transcribe(CLIP)
    assert caught.value.user_message == NO_TRANSCRIPTION_MODEL
    assert await audio.speak("Ahoy!") == b""
    await audio.close()
    assert (server.media.recordings, server.media.spoken_texts) == ([], [])


async def test_failures(server: ModelServer, audio: AudioModel) -> None:
    """Errors have the sentences of every model, with the name of the model that was asked."""
    for _ in range(2):
        server.media.failures.append(fails(404, "no such model", code="model_not_found"))
    with pytest.raises(ModelError, match="The model “ears” does not exist"):
        await audio.transcribe(CLIP)
    with pytest.raises(ModelError, match="The model “mouth” does not exist"):
        await audio.speak("Ahoy!")


async def test_a_click(server: ModelServer, audio: AudioModel) -> None:
    """A recording that is too short for the server holds no words."""
    message = "Audio file is too short. Minimum audio length is 0.1 seconds."
    server.media.failures.append(fails(400, message, code="audio_too_short"))
    assert await audio.transcribe(CLIP) == ""


@pytest.mark.parametrize(
    "message",
    [
        "The audio file could not be decoded or its format is not supported.",
        "Audio file might be corrupted or unsupported",
        "Invalid file format. Supported formats: ['flac', 'mp3']",
    ],
)
async def test_a_recording_that_is_refused(
    server: ModelServer, audio: AudioModel, message: str
) -> None:
    """It is the recording that can't be read, and no admin is called for that."""
    server.media.failures.append(fails(400, message))
    with pytest.raises(ModelError, match="can't read this recording"):
        await audio.transcribe(CLIP)
