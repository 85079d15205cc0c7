"""The rights of the process's user: none is kept, and none can be gained."""

import os
import select
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import count

from slackbot.attachments.extraction.isolation.kernel import (
    PR_CAP_AMBIENT,
    PR_CAPBSET_DROP,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    PR_SET_SECUREBITS,
    drop_all_capabilities,
    prctl,
)

NOBODY = 65_534
"""The user and the group that own nothing."""

_CAP_AMBIENT_CLEAR_ALL = 4

_SECUREBITS = 0b1110_1111
"""Being root means nothing, now and later: https://man7.org/linux/man-pages/man7/capabilities.7.html"""


def become_nobody(readable: Iterable[str]) -> bool:
    """Gives up being root, if `nobody` can read all of the paths that exist."""
    if os.geteuid() != 0:
        return False
    # pathlib takes 5 ms to import.
    paths = {path: os.path.isdir(path) for path in readable if os.path.exists(path)}  # noqa: PTH110, PTH112
    try:
        if not _can_nobody_read(paths):
            return False
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:  # a container can withhold the capability, or know no such user
        return False
    return True


def _can_nobody_read(paths: Mapping[str, bool]) -> bool:
    try:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
        return all(
            os.access(path, os.R_OK | os.X_OK if is_folder else os.R_OK, effective_ids=True)
            for path, is_folder in paths.items()
        )
    finally:
        os.seteuid(0)
        os.setegid(0)


def drop_capabilities() -> None:
    """Those of root, and those that a namespace of users gives to the process that opens it."""
    with suppress(OSError):  # EINVAL: there is no such capability; EPERM: there are none to drop
        for capability in count():
            prctl(PR_CAPBSET_DROP, capability)
    with suppress(OSError):
        prctl(PR_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    with suppress(OSError):
        prctl(PR_SET_SECUREBITS, _SECUREBITS)
    drop_all_capabilities()


def refuse_new_privileges() -> None:
    """No program that the process starts has more rights than it. Raises OSError."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def close_memory() -> None:
    """Other processes of the same user can't look into this one. Raises OSError."""
    prctl(PR_SET_DUMPABLE, 0)


def end_with_parent() -> None:
    """Also a reader that only waits ends with the bot, if the bot is killed.

    The kernel forgets this when a process changes its user or its capabilities. Raises OSError.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    output = select.poll()
    output.register(1, 0)
    if output.poll(0):  # nobody reads it: the bot died before the line above
        os._exit(1)
