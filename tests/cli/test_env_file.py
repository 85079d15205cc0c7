"""A `.env` that others can read, in a process of its own."""

import signal
from pathlib import Path

import pytest

from slackbot.cli.env_file import OPEN
from tests.command import run, serving
from tests.harness import BotHarness


@pytest.mark.parametrize(("mode", "is_open"), [(0o644, True), (0o640, False), (0o600, False)])
async def test_an_open_env_file(
    harness: BotHarness, tmp_path: Path, mode: int, *, is_open: bool
) -> None:
    """`check` and `serve` say so where everybody can read the secrets, and both work."""
    secrets = tmp_path / ".env"
    secrets.touch()
    secrets.chmod(mode)
    code, output, _ = await run(tmp_path, "check", **harness.environment)
    assert code == 0
    assert (f"warning {OPEN}" in output.splitlines()) == is_open
    process = await serving(tmp_path, **harness.environment)
    process.send_signal(signal.SIGTERM)
    _, log = await process.communicate()
    assert (OPEN in log.decode()) == is_open
