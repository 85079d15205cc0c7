"""Several bots on one database; page/parts/test_replicas.py kills and pauses them."""

from pathlib import Path

import pytest

from slackbot.errors import ConfigError
from slackbot.playground import postgres_server
from slackbot.playground.playground import run_playground
from slackbot.playground.replicas import ReplicaChoice
from slackbot.slack.manifest import manifest
from slackbot.store.postgres.overview import open_overview


async def test_without_postgresql(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One sentence says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres_server, "DEBIAN_FOLDERS", str(tmp_path))
    with pytest.raises(ConfigError, match=r"--replicas needs .* server .* apt-get install"):
        async with run_playground(
            {"OPENAI_API_KEY": "sk-1"}, manifest(), replicas=ReplicaChoice(3, open_overview)
        ):
            pass
