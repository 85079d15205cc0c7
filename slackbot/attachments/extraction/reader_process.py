"""How a process that reads files is started: with nothing of the bot's in it."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from slackbot.attachments.extraction.bounded_process import ProcessFailedError, run_bounded
from slackbot.attachments.extraction.isolation.granted import Isolation
from slackbot.attachments.extraction.isolation.texts import NO_READER
from slackbot.errors import SlackbotError

INTERPRETER = (sys.executable, "-I", "-B")

READER = (*INTERPRETER, "-m", "slackbot.attachments.extraction")
"""Reads a file."""

PROBE = (*INTERPRETER, "-m", "slackbot.attachments.extraction.probe")
"""Says what a reader is granted."""

BYTECODE_WRITER = (sys.executable, "-I", "-m", "slackbot.attachments.extraction.bytecode")

INHERITED_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""The only part of the environment that a process gets: where Python itself may be."""

PROBE_SECONDS = 30.0
BYTECODE_SECONDS = 300.0
MAX_PROBE_BYTES = 1_000


def reader_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}


async def probe_isolation() -> Isolation:
    """What the kernel grants to a reader that can load its libraries.

    Raises SlackbotError if a reader can't be started, or can't load them.
    """
    try:
        output = await run_bounded(
            PROBE,
            (),
            environment=reader_environment(),
            max_bytes=MAX_PROBE_BYTES,
            timeout_seconds=PROBE_SECONDS,
        )
    except ProcessFailedError as err:
        raise SlackbotError(NO_READER.format(problem=err)) from err
    return Isolation(**json.loads(output))


async def write_bytecode(command: Sequence[str] = BYTECODE_WRITER) -> None:
    """Readers start faster afterwards. Nothing fails if it can't be written."""
    if sys.dont_write_bytecode:
        return
    with suppress(ProcessFailedError):
        await run_bounded(
            command,
            (),
            environment=reader_environment(),
            max_bytes=0,
            timeout_seconds=BYTECODE_SECONDS,
        )
