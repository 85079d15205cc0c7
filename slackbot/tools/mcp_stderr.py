"""What an MCP server's program writes to its standard error, as lines of the bot's log."""

import logging
from asyncio.subprocess import Process
from collections.abc import Callable

logger = logging.getLogger(__name__)

MAX_LINE_CHARACTERS = 500
MAX_LINES = 200
"""So many are logged while a program runs."""

CHUNK_BYTES = 8_192


async def log_errors(name: str, process: Process, redact: Callable[[str], str]) -> None:
    """Logs each line at DEBUG, as what people said may be in it, and reads everything, so that the
    program never waits. `redact` makes secrets unreadable.
    """
    errors = process.stderr
    assert errors is not None  # noqa: S101 - it is a pipe
    count, rest = 0, b""
    while chunk := await errors.read(CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > CHUNK_BYTES:
            lines, rest = [*lines, rest], b""
        for line in lines:
            _log(name, redact(line.decode(errors="replace")), count)
            count += 1
    if rest:
        _log(name, redact(rest.decode(errors="replace")), count)


def _log(name: str, line: str, count: int) -> None:
    """As ASCII, so that a line can't look like another one of the log."""
    if count < MAX_LINES:
        logger.debug("MCP server %s wrote: %s", name, ascii(line[:MAX_LINE_CHARACTERS]))
    elif count == MAX_LINES:
        logger.debug("MCP server %s wrote more, which is not logged", name)
