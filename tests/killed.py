"""Kills a command at each of its steps in turn, in a copy of a folder of its own each time.

    python -m tests.killed FOLDERS TEMPLATE STRIDE COMMAND…

A step is a call to the operating system or to a database. With a STRIDE of 3, the copies
FOLDERS/1, FOLDERS/4 and so on are what the kills at the first, the fourth step and so on left; in
the last copy nothing was killed.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from slackbot.cli.main import app

MODULES = {"posix", "fcntl", "sqlite3", "select"}  # select: a wait for PostgreSQL

HARMLESS = {
    "fspath",
    "stat",
    "lstat",
    "getpid",
    "close",
    "fetchall",
    "fetchone",
    "get_terminal_size",
}


def kill_at(step: int) -> Callable[[FrameType, str, Any], None]:
    """A profile function that ends the process, as the kernel does, before its `step`-th step."""
    steps = count(1)

    def profile(_: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and _is_step(called) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return profile


def _is_step(called: Any) -> bool:
    owner = getattr(called, "__self__", None)
    module = getattr(called, "__module__", None) or type(owner).__module__
    return module.partition(".")[0] in MODULES and called.__name__ not in HARMLESS


def main(folders: Path, template: Path, stride: int, *command: str) -> None:
    app([command[0], "--help"], standalone_mode=False)  # imports all that is slow to import
    for step in count(1, stride):
        folder = folders / str(step)
        shutil.copytree(template, folder)
        child = os.fork()
        if not child:
            os.chdir(folder)
            sys.setprofile(kill_at(step))
            app(list(command))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
