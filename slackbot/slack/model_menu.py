"""The menu of models in a form.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
"""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Option

from slackbot.instructions.limits import MAX_MODEL_NAME_CHARS
from slackbot.slack import texts

INHERIT = "-"
"""The value of the option for the inherited model; no model has this name."""

MAX_OPTIONS = 100

MAX_OPTION_CHARS = 75


def model_options(names: Sequence[str], query: str, default: str) -> list[dict[str, Any]]:
    """The first 100 options of the menu; without a query, the default model comes first."""
    valid = (name for name in names if name != INHERIT and len(name) <= MAX_MODEL_NAME_CHARS)
    options = [] if query else [default_option(default)]
    options += [model_option(name) for name in valid]
    return [option.to_dict() for option in options[:MAX_OPTIONS]]


def default_option(name: str) -> Option:
    return _option(texts.DEFAULT_MODEL.format(name=name), INHERIT)


def model_option(name: str) -> Option:
    return _option(name, name)


def _option(text: str, value: str) -> Option:
    shown = text if len(text) <= MAX_OPTION_CHARS else f"{text[: MAX_OPTION_CHARS - 1]}…"
    return Option(text=shown, value=value)
