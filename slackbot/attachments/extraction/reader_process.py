"""Starts a process that reads files, with nothing of the bot's in it."""

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process

from slackbot.attachments.extraction.isolation.granted import Isolation
from slackbot.attachments.extraction.isolation.texts import NO_READER
from slackbot.errors import SlackbotError

READER = "slackbot.attachments.extraction"
"""The module that reads a file."""

PROBE = f"{READER}.probe"
"""The module that says what a reader is granted."""

INHERITED_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""The only part of the environment that a process gets: where Python itself may be."""

INTERPRETER = (sys.executable, "-I", "-B")


async def start_reader(*arguments: str) -> Process:
    """Runs Python, by default the module that reads a file, in the folder for temporary files."""
    return await asyncio.create_subprocess_exec(
        *INTERPRETER,
        *(arguments or ("-m", READER)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=tempfile.gettempdir(),
        env={name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ},
        start_new_session=True,  # Ctrl-C stops the bot, not this
    )


async def probe_isolation() -> Isolation:
    """What the kernel grants to a reader that can load its libraries.

    Raises SlackbotError if a reader can't be started, or can't load them.
    """
    process = await start_reader("-m", PROBE)
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise SlackbotError(NO_READER.format(code=process.returncode, error=last))
    return Isolation(**json.loads(output))
