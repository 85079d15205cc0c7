"""Which models the bot uses, and how to reach them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, SkipValidation, model_validator

from slackbot.config.environment import EnvironmentSettings
from slackbot.config.value_types import Secret, TokenCount, WebAddress, one_of
from slackbot.errors import ConfigError
from slackbot.network import DIRECT, Network

DEFAULT_MODEL = "gpt-6-luna"

DEFAULT_TRANSCRIBE_MODEL = "gpt-transcribe"
"""Of OpenAI. Other servers have other names for theirs, or have none."""

Api = Literal["chat", "responses", "auto"]
"""Chat Completions, the Responses API, or the one that the model needs."""


def _transcribe_model(values: Mapping[str, Any]) -> str:
    return "" if values.get("base_url") else DEFAULT_TRANSCRIBE_MODEL


class ModelSettings(EnvironmentSettings):
    """A model that is empty is not used."""

    api_key: Secret = Field(
        SecretStr(""), validation_alias="OPENAI_API_KEY", description="the API key"
    )
    base_url: WebAddress | None = Field(
        None,
        repr=False,
        validation_alias="OPENAI_BASE_URL",
        description="any server that speaks Chat Completions",
    )
    name: str = Field(DEFAULT_MODEL, validation_alias="OPENAI_MODEL", description="the model")
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
    stall_seconds: float = 60.0
    """An answer of which nothing comes for this long counts as broken off."""
    network: SkipValidation[Network] = Field(DIRECT, repr=False)
    """The proxies and certificates on the way to the server."""

    @model_validator(mode="after")
    def _has_a_key_or_a_server(self) -> Self:
        if not self.api_key and self.base_url is None:
            raise ConfigError(
                "OPENAI_API_KEY",
                "is not set: create a key at https://platform.openai.com/api-keys, or set "
                "OPENAI_BASE_URL to a server of your own.",
            )
        return self
