"""The Slack app as manifest.yml describes it, which is part of the package once it is built."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml


def manifest() -> dict[str, Any]:
    """https://docs.slack.dev/reference/app-manifest"""
    packaged = files("slackbot") / "manifest.yml"
    checkout = Path(__file__).parents[2] / "manifest.yml"
    described: dict[str, Any] = yaml.safe_load(
        (packaged if packaged.is_file() else checkout).read_text("utf-8")
    )
    return described


def scopes() -> frozenset[str]:
    """The scopes that the bot's token must have."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
