"""Reads settings from a mapping of environment variables."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from slackbot.errors import ConfigError


class EnvironmentSettings(BaseSettings):
    """Settings whose fields have a variable each, as their alias.

    It reads the mapping that it is given, and neither os.environ nor a file.
    """

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings passes them all
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @classmethod
    def read(cls, environment: Mapping[str, str], /, **others: Any) -> Self:
        """The settings in an environment; `others` are fields without a variable.

        Raises ConfigError for the first mistake.
        """
        variables = {field.validation_alias for field in cls.model_fields.values()}
        values = {
            name: value for name, value in without_empty(environment).items() if name in variables
        }
        try:
            return cls(**values, **others)
        except ValidationError as err:
            raise _config_error(err) from err


def without_empty(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables, trimmed, without empty ones: an empty value counts as not set."""
    return {name: value.strip() for name, value in environment.items() if value.strip()}


def _config_error(err: ValidationError) -> ConfigError:
    """The first mistake. The location is the variable; each type of value has its own sentence."""
    first = err.errors(include_url=False, include_input=False)[0]
    return ConfigError(str(first["loc"][0]), str(first["ctx"]["error"]))
