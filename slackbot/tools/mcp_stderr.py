"""What an MCP server's program writes to its standard error, as lines of the bot's log."""

import logging
from asyncio.subprocess import Process
from collections.abc import Callable

logger = logging.getLogger(__name__)

MAX_LINE_CHARACTERS = 500
MAX_LINES = 200
"""So many are logged while a program runs."""

MAX_LINE_BYTES = 64 * 1024
"""So much of a line is read. A secret that begins in what is logged ends in it."""

CHUNK_BYTES = 8_192


async def log_errors(name: str, process: Process, redact: Callable[[str], str]) -> None:
    """Logs each line at DEBUG, as what people said may be in it, and reads everything, so that the
    program never waits. `redact` makes secrets unreadable.
    """
    errors = process.stderr
    assert errors is not None  # noqa: S101 - it is a pipe
    count, rest = 0, b""
    while chunk := await errors.read(CHUNK_BYTES):
        first, *others = chunk.split(b"\n")
        # The end of a long line is not looked at: a secret could be cut in two there.
        rest += first[: max(MAX_LINE_BYTES - len(rest), 0)]
        for other in others:
            _log(name, redact(rest.decode(errors="replace")), count)
            count, rest = count + 1, other[:MAX_LINE_BYTES]
    if rest:
        _log(name, redact(rest.decode(errors="replace")), count)


def _log(name: str, line: str, count: int) -> None:
    """As ASCII, so that a line can't look like another one of the log."""
    if count < MAX_LINES:
        logger.debug("MCP server %s wrote: %s", name, ascii(line[:MAX_LINE_CHARACTERS]))
    elif count == MAX_LINES:
        logger.debug("MCP server %s wrote more, which is not logged", name)
