"""What is pasted into Slack and what is deployed."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared" / "schemas" / "slack-app-manifest.v2.schema.json"


def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
    return loaded


@pytest.mark.skipif(not SCHEMA.exists(), reason="Slack's schema is not at hand")
def test_manifest_fits_slacks_schema() -> None:
    """The manifest is one that Slack takes as it is."""
    jsonschema.validate(manifest(), yaml.safe_load(SCHEMA.read_text()))


def test_manifest_has_what_the_bot_needs() -> None:
    """Socket Mode, the agent's view, the command, and a history scope for each message event."""
    settings, features = manifest()["settings"], manifest()["features"]
    assert settings["socket_mode_enabled"]
    assert "agent_view" in features
    assert [command["command"] for command in features["slash_commands"]] == ["/instructions"]
    events = settings["event_subscriptions"]["bot_events"]
    scopes = manifest()["oauth_config"]["scopes"]["bot"]
    for event in events:
        if event.startswith("message."):
            assert f"{event.removeprefix('message.')}:history" in scopes


def test_procfile() -> None:
    """The Procfile runs the bot, and checks it before each release."""
    processes = (ROOT / "Procfile").read_text()
    assert processes == "release: slackbot check\nweb: slackbot serve\n"
