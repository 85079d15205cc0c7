"""The bot in a process of its own, so that you can kill it at any moment."""

import asyncio
import signal
import sys
from asyncio import StreamReader
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal

BotState = Literal["starting", "running", "stopped"]

CONNECTED_LINE = "slackbot is connected"
MAX_LOG_LINES = 400
LONG_LINE = "(a line that is too long to show)"
SHUTDOWN_TIMEOUT_SECONDS = 5.0
"""How long the bot may take to exit before it is killed."""


class BotProcess:
    """Runs `slackbot serve` with the given environment; calls `changed` on every change."""

    def __init__(self, environment: Mapping[str, str], changed: Callable[[], None]) -> None:
        self.state: BotState = "stopped"
        self.starts = 0
        self.paused = False
        """Whether it has got SIGSTOP: it does nothing then, and keeps its `state`."""
        self.log: deque[str] = deque(maxlen=MAX_LOG_LINES)
        """The newest lines of its output and its log."""
        self._environment = dict(environment)
        self._changed = changed
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Starts the bot, unless it runs. Returns at once; `state` becomes `running` later."""
        if self.state != "stopped":
            return
        self.starts += 1
        self._set_state("starting")
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "slackbot.playground.supervised_bot"),
            env=self._environment,
            stdin=PIPE,  # the bot exits when this pipe closes
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,  # Ctrl-C reaches the playground alone, which stops the bot
        )
        self._reader = asyncio.create_task(self._read_output(self._process))

    async def kill(self) -> None:
        """Kills the bot with SIGKILL, and returns when it is dead."""
        await self._stop(signal.SIGKILL)

    def pause(self) -> None:
        """Sends SIGSTOP: the bot does nothing until it goes on, and does not notice."""
        if self.state != "stopped":
            self._send(signal.SIGSTOP)
            self.paused = True
            self._changed()

    def resume(self) -> None:
        """Lets a paused bot go on."""
        self._send(signal.SIGCONT)
        self.paused = False
        self._changed()

    async def close(self) -> None:
        """Sends SIGTERM, and kills the bot if it does not exit in time."""
        self.resume()
        try:
            async with asyncio.timeout(SHUTDOWN_TIMEOUT_SECONDS):
                await self._stop(signal.SIGTERM)
        except TimeoutError:
            await self.kill()

    async def _stop(self, sent: signal.Signals) -> None:
        if self._process is None or self._reader is None:
            return
        self._send(sent)
        await asyncio.shield(self._reader)

    def _send(self, sent: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(sent)

    async def _read_output(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - the process has a pipe
        while text := await _next_line(process.stdout):
            text = text.rstrip()
            self.log.append(text)
            if text == CONNECTED_LINE:
                self._set_state("running")
            self._changed()
        code = await process.wait()
        self.log.append(_exit_message(code))
        self.paused = False
        self._set_state("stopped")

    def _set_state(self, state: BotState) -> None:
        self.state = state
        self._changed()


async def _next_line(output: StreamReader) -> str:
    """Returns the next line with its end, or nothing at the end of the output."""
    try:
        return (await output.readline()).decode(errors="replace")
    except ValueError:  # it is longer than the stream's limit, and was dropped so far
        return LONG_LINE


def _exit_message(code: int) -> str:
    if code < 0:
        return f"(killed by {signal.Signals(-code).name})"
    return f"(ended with exit code {code})"
