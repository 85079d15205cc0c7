"""Starts a program as an MCP server, and exchanges messages with it: a line of JSON each.

https://modelcontextprotocol.io/specification/draft/basic/transports#stdio
"""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCMessage, jsonrpc_message_adapter

from slackbot.tools import mcp_supervisor
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_inbound import MAX_MESSAGE_BYTES, InboundFilter, TooMuchSentError
from slackbot.tools.mcp_stderr import log_errors
from slackbot.tools.mcp_streams import TransportStreams

END_SECONDS = 2.0
"""How long a program has to end by itself once its standard input is closed."""

KILL_SECONDS = mcp_supervisor.GRACE_SECONDS + mcp_supervisor.SWEEP_SECONDS + 1.0
"""How long its supervisor may take to end it."""

POLL_SECONDS = 0.01


@asynccontextmanager
async def stdio_transport(
    name: str, config: McpServerConfig, on_excess: Callable[[], None]
) -> AsyncIterator[TransportStreams]:
    """Runs the program while the block runs. The program gets its own session, the variables that
    the file names, and a few such as PATH and HOME: none of the bot's own.

    The reading stream ends when the program ends, or sends too much; then `on_excess` is called
    first. Raises OSError if there is no such program.
    """
    process = await _start(config)
    incoming, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, outgoing = anyio.create_memory_object_stream[SessionMessage](0)
    inbound = InboundFilter()
    tasks = [
        asyncio.create_task(_read(process, incoming, inbound, on_excess)),
        asyncio.create_task(_write(process, outgoing, inbound, incoming)),
        asyncio.create_task(log_errors(name, process, config.redact)),
    ]
    try:
        yield read, write
    finally:
        read.close()
        write.close()
        await _finished(asyncio.create_task(_end(process)))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _start(config: McpServerConfig) -> Process:
    environment = get_default_environment() | config.env
    folder = Path(config.cwd or ".")
    program = str(folder / config.command) if os.sep in config.command else config.command
    if shutil.which(program, path=environment.get("PATH", os.defpath)) is None:
        raise FileNotFoundError(config.command)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-IS",  # the supervisor needs no package, and nothing from the folder or the variables
        mcp_supervisor.__file__,
        str(os.getpid()),
        config.command,
        *config.args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        cwd=folder,
        limit=MAX_MESSAGE_BYTES,
        start_new_session=True,
    )


async def _read(
    process: Process,
    incoming: MemoryObjectSendStream[SessionMessage | Exception],
    inbound: InboundFilter,
    on_excess: Callable[[], None],
) -> None:
    """Passes on each line that the session needs. What else a program prints there is skipped."""
    output = process.stdout
    assert output is not None  # noqa: S101 - it is a pipe
    async with incoming:
        try:
            while line := await output.readline():
                message = _parse(line)
                if inbound.accepts(message, len(line)) and message is not None:
                    await incoming.send(SessionMessage(message))
        except (TooMuchSentError, ValueError):  # the latter: a line longer than the stream's limit
            on_excess()
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass


def _parse(line: bytes) -> JSONRPCMessage | None:
    try:
        return jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        return None


async def _write(
    process: Process,
    outgoing: MemoryObjectReceiveStream[SessionMessage],
    inbound: InboundFilter,
    incoming: MemoryObjectSendStream[SessionMessage | Exception],
) -> None:
    """Ends the reading stream as well if the program takes nothing more."""
    pipe = process.stdin
    assert pipe is not None  # noqa: S101 - it is a pipe
    async with outgoing:
        async for each in outgoing:
            inbound.sent(each.message)
            text = each.message.model_dump_json(by_alias=True, exclude_unset=True)
            try:
                pipe.write(f"{text}\n".encode())
                await pipe.drain()
            except OSError:
                incoming.close()
                return


async def _finished(ending: asyncio.Task[None]) -> None:
    """Waits for a task also if the waiting is cancelled: a program must not be left behind."""
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await ending
        raise


async def _end(process: Process) -> None:
    """Closes the program's standard input, waits a moment, and has its supervisor kill the rest."""
    if process.stdin is not None:
        process.stdin.close()
    for seconds, number in ((END_SECONDS, signal.SIGTERM), (KILL_SECONDS, signal.SIGKILL)):
        if await _ends_within(seconds, process):
            break
        with suppress(ProcessLookupError):
            process.send_signal(number)
    await _ends_within(KILL_SECONDS, process)
    # asyncio goes on with the pipes until somebody has read what is in them.
    process._transport.close()  # type: ignore[attr-defined] # noqa: SLF001 - there is no other way


async def _ends_within(seconds: float, process: Process) -> bool:
    """Not `process.wait()`, which also waits until the program's output was read."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while process.returncode is None:  # noqa: ASYNC110 - asyncio has no event for it
                await asyncio.sleep(POLL_SECONDS)
    return process.returncode is not None
