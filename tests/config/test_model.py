"""Which models the bot uses, and how to reach them."""

import pytest

from slackbot import config
from slackbot.errors import ConfigError
from tests.config import SOCKET

SERVER = {**SOCKET, "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "http://localhost:8000/v1"}


def test_defaults() -> None:
    """OpenAI is asked, for a model that has a default."""
    model = config.parse(SOCKET).model
    assert (model.name, model.base_url) == (config.DEFAULT_MODEL, None)
    assert (model.api, model.context_tokens) == ("auto", 100_000)
    assert (model.image_model, model.speech_model) == ("", "")


def test_a_key_or_a_server() -> None:
    """A server of your own needs no API key; OpenAI's does."""
    assert config.parse(SERVER).model.base_url == "http://localhost:8000/v1"
    with pytest.raises(ConfigError, match=r"^OPENAI_API_KEY is not set"):
        config.parse({**SERVER, "OPENAI_BASE_URL": ""})


def test_the_model_that_transcribes() -> None:
    """It has a default at OpenAI, and none at other servers."""
    assert config.parse(SOCKET).model.transcribe_model == config.DEFAULT_TRANSCRIBE_MODEL
    assert config.parse(SERVER).model.transcribe_model == ""
    named = {**SERVER, "OPENAI_TRANSCRIBE_MODEL": "whisper"}
    assert config.parse(named).model.transcribe_model == "whisper"


def test_the_api() -> None:
    """The API can be written in upper or lower case."""
    assert config.parse({**SOCKET, "OPENAI_API": "Responses"}).model.api == "responses"
