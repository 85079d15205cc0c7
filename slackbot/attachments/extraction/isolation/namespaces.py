"""Namespaces: the process sees no other process, no network, and none of the users.

Many containers and hardened machines forbid them, so no promise depends on them.
https://man7.org/linux/man-pages/man7/namespaces.7.html
"""

import os
import select
import signal
from collections.abc import Iterable, Mapping

from slackbot.attachments.extraction.isolation.kernel import PR_SET_PDEATHSIG, prctl, unshare

USER = "user"
PID = "PID"

_FLAGS: Mapping[str, int] = {
    USER: 0x10000000,
    PID: 0x20000000,
    "network": 0x40000000,
    "mount": 0x00020000,
    "IPC": 0x08000000,
}
"""https://man7.org/linux/man-pages/man2/unshare.2.html"""

OTHERS = tuple(name for name in _FLAGS if name != USER)
"""Root can enter these; other users only after they have entered one of users."""


def enter_namespaces(names: Iterable[str]) -> list[str]:
    """Enters new ones as far as that is allowed, and returns those. The process has one thread."""
    return [name for name in names if _enter(name)]


def _enter(name: str) -> bool:
    try:
        unshare(_FLAGS[name])
    except OSError:
        return False
    return True


def continue_as_first_process() -> None:
    """Continues in a child, which is the first process in the new namespace of processes.

    This process ends when the child ends, and as it ended. The child dies with it.
    """
    alive, our_end = os.pipe()
    child = os.fork()
    if child:
        os.close(alive)
        _end_like(child)
    os.close(our_end)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([alive], [], [], 0)[0]:  # closed: the parent died before the line above
        os._exit(1)
    os.close(alive)


def _end_like(child: int) -> None:
    os.closerange(0, 2)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))
