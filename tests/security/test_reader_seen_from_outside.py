"""The process that reads files, as the machine sees it."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from slackbot.attachments.extraction.reader_process import READER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

REQUEST = {
    "mimetype": "",
    "memory_bytes": 768 * 2**20,
    "cpu_seconds": 20,
    "must_be_isolated": True,
    "text_bytes": 100,
    "audio_seconds": 60,
}

POLL_SECONDS = 0.01

BOT = (
    "import subprocess, sys; reader = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL); "
    "print(reader.pid, flush=True); reader.wait()"
)
"""Starts a reader, which inherits its input."""


@contextmanager
def reader() -> Iterator[tuple[Popen[bytes], int]]:
    """A reader that waits for its file, and the process ID of the one that will read it."""
    process = Popen(  # noqa: S603 - our own program
        READER, cwd=tempfile.gettempdir(), env={}, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    with process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(REQUEST).encode() + b"\n")
        process.stdin.flush()
        while "Seccomp:\t2" not in status(inside := last_child(process.pid)):
            time.sleep(POLL_SECONDS)
        yield process, inside


def last_child(pid: int) -> int:
    """The process itself, if it has no child."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid


def status(pid: int) -> str:
    """https://man7.org/linux/man-pages/man5/proc_pid_status.5.html"""
    return Path(f"/proc/{pid}/status").read_text()


def test_rights() -> None:
    """Before it gets the file, it has no capability, and no way to gain one."""
    with reader() as (process, inside):
        for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert f"{field}:\t{0:016x}\n" in status(inside)
        for pid in (process.pid, inside):
            assert "NoNewPrivs:\t1\n" in status(pid)
        assert process.communicate() == (b'{"unreadable": "no_text"}\n', b"")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sees it")
def test_what_it_has_open() -> None:
    """Its three pipes, in a folder that is gone."""
    with reader() as (process, inside):
        descriptors = {
            each.name: each.readlink().name for each in Path(f"/proc/{inside}/fd").iterdir()
        }
        assert sorted(descriptors) == ["0", "1", "2"]
        assert all(name.startswith("pipe:") for name in descriptors.values())
        assert Path(f"/proc/{inside}/cwd").readlink().name.endswith(" (deleted)")
        process.communicate()


def test_others_go_first() -> None:
    """It takes less of the CPU than the bot, and the kernel ends it first where memory runs out."""
    with reader() as (process, inside):
        for pid in (process.pid, inside):
            assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n"
            assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)
        process.communicate()


def test_it_ends_with_the_bot() -> None:
    """A reader that waits for what never comes is not left behind by a bot that is killed."""
    bot = Popen(  # noqa: S603 - our own program
        (sys.executable, "-c", BOT, *READER),
        cwd=tempfile.gettempdir(),
        env={},
        stdin=PIPE,
        stdout=PIPE,
    )
    with bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        bot.stdin.write(json.dumps(REQUEST).encode() + b"\n")
        bot.stdin.flush()
        outer = int(bot.stdout.readline())
        while "Seccomp:\t2" not in status(inside := last_child(outer)):
            time.sleep(POLL_SECONDS)
        bot.kill()
        bot.wait()
        deadline = time.monotonic() + 20
        while is_alive(outer) or is_alive(inside):
            assert time.monotonic() < deadline
            time.sleep(POLL_SECONDS)


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in status(pid)
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_killing_it() -> None:
    """The bot kills the process that it started; the one inside the namespaces dies with it."""
    with reader() as (process, _):
        process.kill()
        assert process.stdout is not None
        assert process.stdout.read() == b""  # nobody has the other end of the pipe any more
