"""The log: one line per event on standard error, and never a secret in it.

Servers, files and people decide what stands in some lines. None of it can begin another line, or
steer the terminal in which the log is read.
"""

import json
import logging
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

from slackbot.repeated_lines import RepeatedLines

HIDDEN = "(hidden)"

INDENT = "  "
"""Before each line of a traceback; the line of an event begins with its time."""

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

NOTHING = logging.CRITICAL + 1

LEAST = {
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
    "openai": logging.WARNING,
    "asyncio": logging.WARNING,
    "psycopg": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "stamina": logging.ERROR,  # what is tried again, the bot says itself
    "mcp": NOTHING,  # a server decides what stands in its lines, and how many there are
}
"""Below these, libraries say what is of no use to those who run the bot, or is secret."""


class Redacting(logging.Formatter):
    """Formats a record, tracebacks included, with every known secret made unreadable."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(FORMAT)
        self._forms: list[str] = []
        self.hide(secrets)

    def hide(self, secrets: Collection[str]) -> None:
        """Makes these unreadable too from now on."""
        self._forms = _longest_first({*self._forms, *_forms(secrets)})

    def format(self, record: logging.LogRecord) -> str:
        return _hide(super().format(record), self._forms)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return _printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """A traceback is indented, as the text of an error may have lines of its own."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(INDENT + _printable(line) for line in lines)


def start(level: str, secrets: Collection[str]) -> None:
    """Sends the log to standard error, at this level and above. Lines that repeat are counted."""
    formatter = Redacting(secrets)
    stream = logging.StreamHandler()
    stream.setFormatter(formatter)
    handler = RepeatedLines(stream)
    handler.setFormatter(formatter)  # so that it is found again
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))


def hide(secrets: Collection[str]) -> None:
    """Makes secrets unreadable in the log that was started: those that come up later."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Redacting):
            handler.formatter.hide(secrets)


def redact(text: str, secrets: Collection[str]) -> str:
    """The text with these made unreadable."""
    return _hide(text, _longest_first(set(_forms(secrets))))


def _hide(text: str, forms: Sequence[str]) -> str:
    for form in forms:
        text = text.replace(form, HIDDEN)
    return text


def _printable(text: str) -> str:
    """The text with line ends, escape sequences and other control characters as their codes."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _longest_first(forms: Collection[str]) -> list[str]:
    return sorted(forms, key=len, reverse=True)


def _forms(secrets: Collection[str]) -> Iterator[str]:
    """The secrets as they are, and as they stand in a URL, in JSON and in a repr."""
    for secret in filter(None, secrets):
        yield secret
        yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
        yield from (json.dumps(secret)[1:-1], repr(secret)[1:-1], ascii(secret)[1:-1])
