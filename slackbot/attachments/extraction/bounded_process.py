"""Runs the process that reads one file, and takes a limited number of bytes from it.

The file may have taken the process over. So nothing that it does holds the bot up: it is killed
when it writes too much or takes too long, and nobody waits for what it may have left behind.
"""

import asyncio
import os
import re
import signal
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import cast

MAX_ERROR_BYTES = 64 * 1024
"""Of what it writes to stderr: a traceback, of which the log gets the exception's name."""

STDIN, STDOUT, STDERR = range(3)

_EXCEPTION_NAME = re.compile(r"[A-Za-z_][\w.]{0,79}", re.ASCII)


class ProcessFailedError(Exception):
    """The process was killed, or failed; the message says how, for the log."""


async def run_bounded(
    command: Sequence[str],
    request: Iterable[bytes],
    *,
    environment: Mapping[str, str],
    max_bytes: int,
    timeout_seconds: float,
) -> bytes:
    """Returns what the process writes, which is up to `max_bytes`. Raises ProcessFailedError."""
    transport, output = await asyncio.get_running_loop().subprocess_exec(
        lambda: _Output({STDOUT: max_bytes, STDERR: MAX_ERROR_BYTES}),
        *command,
        env=environment,
        cwd=tempfile.gettempdir(),  # where a reader makes an empty folder, and enters it
        start_new_session=True,  # Ctrl-C stops the bot, not this
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            stdin = cast("asyncio.WriteTransport", transport.get_pipe_transport(STDIN))
            stdin.writelines(request)
            stdin.write_eof()
            await output.ended.wait()
    except TimeoutError as err:
        raise ProcessFailedError(f"it took more than {timeout_seconds:g} s") from err
    finally:
        if transport.get_returncode() is None:
            with suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            await output.exited.wait()
        transport.close()
    if output.is_full:
        raise ProcessFailedError("it wrote more than it may")
    code = transport.get_returncode()
    if code != 0:
        raise ProcessFailedError(f"{code}, {_exception_name(bytes(output.received[STDERR]))}")
    return bytes(output.received[STDOUT])


class _Output(asyncio.SubprocessProtocol):
    """What a process writes, up to a number of bytes for each of its streams."""

    def __init__(self, max_bytes: Mapping[int, int]) -> None:
        self.received = {fd: bytearray() for fd in max_bytes}
        self.is_full = False
        self.exited = asyncio.Event()
        self.ended = asyncio.Event()
        """The process is over and its streams are closed, or it has written too much."""
        self._max_bytes = max_bytes

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if len(self.received[fd]) + len(data) > self._max_bytes[fd]:
            self.is_full = True
            self.ended.set()
        if not self.is_full:
            self.received[fd] += data

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.ended.set()


def _exception_name(errors: bytes) -> str:
    """The name that a traceback ends with; nothing else of it, as the file may have written it."""
    last = errors.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
    return last if _EXCEPTION_NAME.fullmatch(last) else "no exception"
