"""The Slack app as manifest.yml describes it, which is part of the package once it is built."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

OPTIONAL_SCOPES = frozenset({"usergroups:read"})
"""Without them the bot does everything, and names a user group by its ID."""


def manifest() -> dict[str, Any]:
    """https://docs.slack.dev/reference/app-manifest"""
    packaged = files("slackbot") / "manifest.yml"
    checkout = Path(__file__).parents[2] / "manifest.yml"
    described: dict[str, Any] = yaml.safe_load(
        (packaged if packaged.is_file() else checkout).read_text("utf-8")
    )
    return described


def scopes() -> frozenset[str]:
    """The scopes that the bot's token has after an installation of this version."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
