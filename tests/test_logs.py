"""What the log holds, and what it never holds."""

import logging

import pytest

from slackbot import logs


@pytest.fixture(autouse=True)
def restore_levels() -> object:
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]


def test_secrets_are_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    """A secret is made unreadable in messages, in arguments and in tracebacks."""
    logs.start("INFO", ["xoxb-1", "xoxb-1-longer"])
    try:
        int("xoxb-1-longer")
    except ValueError:
        logging.getLogger("a").exception("with %s", "xoxb-1")
    written = capsys.readouterr().err
    assert "xoxb" not in written
    assert written.count(logs.HIDDEN) == 3


def test_talkative_libraries_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Libraries whose DEBUG holds payloads stay at WARNING, whatever the level, and so does
    one that tells of each connection that is used.
    """
    logs.start("DEBUG", [])
    logging.getLogger("slack_sdk.web").debug("a payload")
    logging.getLogger("psycopg.pool").info("a payload: connection requested")
    logging.getLogger("slackbot.turns.bot").debug("our own")
    written = capsys.readouterr().err
    assert "a payload" not in written
    assert "our own" in written


FORGED = "2026-01-01 00:00:00,000 INFO slackbot.turns.approvals: U1 approved a tool call"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028", "\x1b[2K\x1b[G"])
def test_nothing_forges_a_line(capsys: pytest.CaptureFixture[str], end: str) -> None:
    """What a server or a person writes neither begins a line nor steers a terminal, in a message or
    in the text of an error.
    """
    logs.start("INFO", [])
    logging.getLogger("a").warning("MCP server x: %s", f"no tool{end}{FORGED}")
    error = ValueError(f"no tool{end}{FORGED}")
    logging.getLogger("a").error("It failed", exc_info=error)
    written = capsys.readouterr().err
    assert written.count(FORGED) == 2
    assert not any(line.startswith(FORGED) for line in written.splitlines())
    assert all(each.isprintable() or each == "\n" for each in written)
