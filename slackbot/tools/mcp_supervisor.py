"""Runs one MCP server and leaves nothing of it behind: `python mcp_supervisor.py PARENT COMMAND …`.

It stands between the bot and the server's program. The program gets a session of its own, so
Ctrl-C in the bot's terminal does not reach it. When the program ends, when the bot sends SIGTERM,
or when the bot dies, the supervisor kills whatever the program has started, also what has left its
session: on Linux, orphans become children of the supervisor.
https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html

It imports nothing of the bot, as the program could read its memory.
"""

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 2.0
"""How long a program has to end by itself after SIGTERM."""

SWEEP_SECONDS = 5.0
"""How long the supervisor goes on to kill a program that starts others meanwhile."""

NOT_FOUND = 127
"""The exit code of a program that can't be started, as shells have it."""

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
"""https://man7.org/linux/man-pages/man2/prctl.2.html"""

EVENTS = {signal.SIGTERM, signal.SIGCHLD}


def main(parent: int, command: list[str]) -> int:
    """Returns the program's exit code. `parent` is the bot's process ID."""
    signal.pthread_sigmask(signal.SIG_BLOCK, EVENTS)
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != parent:  # the bot died before it could be watched
        return 1
    program = os.fork()
    if program == 0:
        _become(command)
    _let_go_of_pipes()
    code = _wait(program)
    _sweep(program)
    return code


def _become(command: list[str]) -> None:
    """The child's part: it does not return."""
    try:
        os.setsid()
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, EVENTS)
        os.execvp(command[0], command)  # noqa: S606 - the file of MCP servers names it
    finally:
        os._exit(NOT_FOUND)


def _let_go_of_pipes() -> None:
    """The pipes are the program's alone, so that the bot sees when it closes them."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _wait(program: int) -> int:
    """Returns when the program has ended, or has had its grace after SIGTERM."""
    while True:
        if signal.sigwait(EVENTS) == signal.SIGTERM:
            _kill_group(program, signal.SIGTERM)
            deadline = time.monotonic() + GRACE_SECONDS
            while time.monotonic() < deadline:
                if (code := _reap(program)) is not None:
                    return code
                time.sleep(0.01)
            return -signal.SIGKILL
        if (code := _reap(program)) is not None:
            return code


def _reap(program: int) -> int | None:
    """Takes leave of all children that have ended. Returns the program's exit code if it is one."""
    found: int | None = None
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if child == 0:
            return found
        if child == program:
            found = os.waitstatus_to_exitcode(status)


def _sweep(program: int) -> None:
    """Kills the program's session, and the orphans that others of its processes have left."""
    _kill_group(program, signal.SIGKILL)
    deadline = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < deadline:
        for child in _children():
            _kill(child)
        _reap(program)
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        time.sleep(0.001)


def _children() -> list[int]:
    """The IDs of the supervisor's children; none where there is no /proc."""
    me, found = str(os.getpid()), []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = status.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if after_name[1] == me:
            found.append(int(status.parent.name))
    return found


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _kill_group(program: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS: the latter if it has ended
        os.killpg(program, number)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]) & 0xFF)
