"""Which models the bot uses, and how to reach them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    SkipValidation,
    model_validator,
)

from slackbot.config.environment import EnvironmentSettings
from slackbot.config.model_address import ModelAddress
from slackbot.config.value_types import Secret, Timeout, TokenCount, one_of
from slackbot.errors import ConfigError
from slackbot.network import DIRECT, Network

DEFAULT_MODEL = "gpt-6-luna"

DEFAULT_TRANSCRIBE_MODEL = "gpt-transcribe"
"""Of OpenAI. Other servers have other names for theirs, or have none."""

DEFAULT_FIRST_TOKEN_SECONDS = 600.0
"""As long as OpenAI's own client waits. Ollama gives a model five minutes to load, and models that
reason are silent for minutes."""

DEFAULT_STALL_SECONDS = 60.0

Api = Literal["chat", "responses", "auto"]
"""Chat Completions, the Responses API, or the one that the model needs."""


def _transcribe_model(values: Mapping[str, Any]) -> str:
    return "" if values.get("base_url") else DEFAULT_TRANSCRIBE_MODEL


def _model(values: Mapping[str, Any]) -> str:
    address = ModelAddress.parse(values["base_url"]) if values.get("base_url") else None
    return (address.deployment if address else "") or DEFAULT_MODEL


def _require_address(value: str) -> str:
    ModelAddress.parse(value)
    return value


class ModelSettings(EnvironmentSettings):
    """A model that is empty is not used."""

    api_key: Secret = Field(
        SecretStr(""), validation_alias="OPENAI_API_KEY", description="the API key"
    )
    base_url: Annotated[str, AfterValidator(_require_address)] | None = Field(
        None,
        repr=False,
        validation_alias="OPENAI_BASE_URL",
        description="any server that speaks Chat Completions: see "
        "[Addresses](servers.md#addresses)",
    )
    name: str = Field(
        default_factory=_model,
        validation_alias="OPENAI_MODEL",
        description="the model; with Azure's form of `OPENAI_BASE_URL`, the deployment in it",
    )
    api: Annotated[Api, BeforeValidator(str.lower), one_of(Api, "one of OpenAI's APIs")] = Field(
        "auto",
        validation_alias="OPENAI_API",
        description="`chat` (Chat Completions), `responses` (the Responses API), or `auto`: "
        "Chat Completions, except where a model takes tools only in the Responses "
        "API",
    )
    transcribe_model: str = Field(
        default_factory=_transcribe_model,
        validation_alias="OPENAI_TRANSCRIBE_MODEL",
        description="the model that transcribes recordings; with `OPENAI_BASE_URL`, none until "
        "you set one",
    )
    image_model: str = Field(
        "",
        validation_alias="OPENAI_IMAGE_MODEL",
        description="the model that draws pictures; without one the bot draws none",
    )
    speech_model: str = Field(
        "",
        validation_alias="OPENAI_SPEECH_MODEL",
        description="the text-to-speech model that speaks answers to people who asked aloud",
    )
    context_tokens: TokenCount = Field(
        100_000,
        validation_alias="OPENAI_CONTEXT_TOKENS",
        description="the most tokens that one request may take; beyond it, older turns are left "
        "out",
    )
    max_answer_tokens: TokenCount | None = Field(
        None,
        validation_alias="SLACKBOT_MAX_ANSWER_TOKENS",
        description="the most tokens that one answer of the model may take, with what it thinks; "
        "without it, 32,000 for models that think before they answer, 16,000 for others",
    )
    first_token_seconds: Timeout = Field(
        DEFAULT_FIRST_TOKEN_SECONDS,
        validation_alias="OPENAI_FIRST_TOKEN_TIMEOUT",
        description="seconds that the model may take until its answer begins: to load, to wait in "
        "line, to think",
    )
    stall_seconds: Timeout = Field(
        DEFAULT_STALL_SECONDS,
        validation_alias="OPENAI_STALL_TIMEOUT",
        description="seconds of silence after which an answer that has begun counts as broken off",
    )
    network: SkipValidation[Network] = Field(DIRECT, repr=False)
    """The proxies and certificates on the way to the server."""

    @property
    def address(self) -> ModelAddress | None:
        """The server's; None for OpenAI's own."""
        return ModelAddress.parse(self.base_url) if self.base_url else None

    @model_validator(mode="after")
    def _has_a_key_or_a_server(self) -> Self:
        if not self.api_key and self.base_url is None:
            raise ConfigError(
                "OPENAI_API_KEY",
                "is not set: create a key at https://platform.openai.com/api-keys, or set "
                "OPENAI_BASE_URL to a server of your own.",
            )
        if self.api_key and self.address is not None and self.address.has_login:
            raise ConfigError(
                "OPENAI_BASE_URL",
                "holds a user name, which is sent in the place of OPENAI_API_KEY: remove the one "
                "or the other.",
            )
        return self
