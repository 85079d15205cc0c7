"""The menu of models in a form.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
"""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Option

from slackbot.instructions.limits import MAX_MODEL_NAME_CHARS
from slackbot.slack.modal_state import USUAL

MOST = 100
"""Options that Slack takes."""

SHOWN = 75
"""Characters that an option shows."""


def model_options(names: Sequence[str], query: str, usual: str) -> list[dict[str, Any]]:
    """What a menu of models offers: at most 100, and first the one that is used anyway."""
    fitting = (name for name in names if name != USUAL and len(name) <= MAX_MODEL_NAME_CHARS)
    options = [] if query else [usual_option(usual)]
    options += [option(name, name) for name in fitting]
    return [option.to_dict() for option in options[:MOST]]


def usual_option(name: str) -> Option:
    return option(f"Default ({name})", USUAL)


def option(text: str, value: str) -> Option:
    return Option(text=text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…", value=value)
