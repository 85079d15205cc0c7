"""How the tests of attachments ask with files, and look into the requests to the model."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests import sample_files
from tests.harness import BotHarness

TRANSCRIPT = "What is the capital of France?"
"""What the transcription model hears in every recording."""


async def ask(
    harness: BotHarness, text: str, *files: Mapping[str, Any], thread: str | None = None
) -> str:
    return (await harness.ask(text, *files, thread=thread))[1]


def cat(harness: BotHarness, **options: Any) -> dict[str, Any]:
    return harness.workspace.share(
        harness.ana, "cat.png", sample_files.picture(**options), "image/png"
    )


def pictures(request: Mapping[str, Any], message: int = -1) -> list[bytes]:
    """The pictures in one message of a request."""
    content = request["messages"][message]["content"]
    parts = content if isinstance(content, list) else []
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


def text(request: Mapping[str, Any], message: int = -1) -> str:
    content = request["messages"][message]["content"]
    return str(content if isinstance(content, str) else content[0]["text"])


@asynccontextmanager
async def transcribing(harness: BotHarness, **environment: str) -> AsyncIterator[None]:
    harness.model.media.transcript = TRANSCRIPT
    async with harness.running({"OPENAI_TRANSCRIBE_MODEL": "listener", **environment}):
        yield


def memo(harness: BotHarness, content: bytes = b"", name: str = "memo.m4a") -> dict[str, Any]:
    return harness.workspace.share(
        harness.ana, name, content or sample_files.recording(), "audio/mp4"
    )


def asked_content(harness: BotHarness, request: int = -1, message: int = -1) -> Any:
    return harness.model.requests[request]["messages"][message]["content"]
