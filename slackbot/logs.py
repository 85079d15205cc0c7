"""The log: one line per event on standard error, and never a secret in it."""

import logging
from collections.abc import Collection

from slackbot.repeated_lines import RepeatedLines

HIDDEN = "(hidden)"

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

LEAST = {
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
    "openai": logging.WARNING,
    "asyncio": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "stamina": logging.ERROR,  # what is tried again, the bot says itself
}
"""Below these, libraries say what is of no use to those who run the bot, or is secret."""


class Redacting(logging.Formatter):
    """Formats a record, tracebacks included, with every known secret made unreadable."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(FORMAT)
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line


def start(level: str, secrets: Collection[str]) -> None:
    """Sends the log to standard error, at this level and above. Lines that repeat are counted."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(secrets))
    logging.basicConfig(level=level, handlers=[RepeatedLines(handler)], force=True)
    for name, least in LEAST.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))
