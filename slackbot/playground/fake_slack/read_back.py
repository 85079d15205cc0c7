"""The blocks of a message, as an app reads them back."""

from collections.abc import Sequence

from slackbot.playground.json_types import Json

PACKAGES = frozenset({"emoji", "markdown_it"})
"""`slackbot[playground]` installs them, and `slackbot` does not."""


def read_back(blocks: Sequence[Json]) -> list[Json]:
    """Returns them with Markdown in other blocks; without `PACKAGES`, Markdown stays as it is."""
    try:
        from slackbot.playground.fake_slack.translated_blocks import (  # noqa: PLC0415 - may be missing
            translated,
        )
    except ModuleNotFoundError as err:
        if err.name not in PACKAGES:
            raise
        return list(blocks)
    return translated(blocks)
