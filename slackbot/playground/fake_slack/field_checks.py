"""Checks strings and text objects in blocks and views as Slack does."""

from collections.abc import Mapping, Sequence
from typing import Any

from slackbot.playground.fake_slack.errors import RefusedError


def check_string(
    parent: Mapping[str, Any], field: str, max_length: int, where: str, *, required: bool = False
) -> None:
    """Checks a string's length; it may be missing unless `required`."""
    value = parent.get(field, "")
    if required and not value:
        raise invalid(f"missing required field: {field}", where)
    if not isinstance(value, str) or len(value) > max_length:
        raise invalid(f"must be less than {max_length + 1} characters", f"{where}/{field}")


def check_text(
    parent: Mapping[str, Any],
    field: str,
    max_length: int,
    where: str,
    kinds: Sequence[str] = ("plain_text", "mrkdwn"),
) -> None:
    """Checks a text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
    where = f"{where}/{field}"
    text = parent.get(field)
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        raise invalid(f"missing required field: {field}", where)
    if text.get("type") not in kinds:
        raise invalid("unsupported type", f"{where}/type")
    if not text["text"]:
        raise invalid("must be more than 0 characters", f"{where}/text")
    if len(text["text"]) > max_length:
        raise invalid(f"must be less than {max_length + 1} characters", f"{where}/text")


def invalid(what: str, where: str) -> RefusedError:
    """Returns the refusal of invalid blocks; `where` is a JSON pointer."""
    return RefusedError("invalid_blocks", f"{what} [json-pointer:{where}]")
