import sys

import pytest

from slackbot.attachments.extraction.reader_process import probe_isolation, reader_environment

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these layers")


@linux
async def test_probe() -> None:
    """It says what a reader was granted that could load all libraries."""
    isolation = await probe_isolation()
    assert isolation.seccomp
    assert isolation.no_new_privs


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader gets only where Python's own libraries are."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/python/lib")
    monkeypatch.delenv("DYLD_LIBRARY_PATH", raising=False)
    assert reader_environment() == {"LD_LIBRARY_PATH": "/opt/python/lib"}
