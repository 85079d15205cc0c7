"""The steps, in the only order in which each of them is still allowed."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress

from slackbot.attachments.extraction.isolation.granted import Isolation
from slackbot.attachments.extraction.isolation.library_paths import library_paths
from slackbot.attachments.extraction.isolation.limits import (
    let_others_go_first,
    limit_resources,
    limit_threads,
)

FIRST_INHERITED = 3
"""Descriptors from here on are closed: the process has its input, its output and its errors."""


def isolate(memory_bytes: int, cpu_seconds: int) -> Isolation:
    """Takes from this process all that it does not need, as far as the system allows that.

    The process has one thread. It may continue in a child, while its parent waits for that.
    """
    os.closerange(FIRST_INHERITED, os.sysconf("SC_OPEN_MAX"))
    let_others_go_first()
    limit_resources(memory_bytes, cpu_seconds)
    os.umask(0o077)
    _enter_empty_folder()
    return _isolate_on_linux() if sys.platform == "linux" else Isolation()


def _isolate_on_linux() -> Isolation:
    # Imported here, since other systems have no such calls.
    from slackbot.attachments.extraction.isolation import (  # noqa: PLC0415
        landlock,
        namespaces,
        privileges,
        seccomp,
    )

    readable = library_paths()
    entered = namespaces.enter_namespaces(namespaces.OTHERS)
    privileges.become_nobody(readable)
    others = [name for name in namespaces.OTHERS if name not in entered]
    entered += namespaces.enter_namespaces((namespaces.USER, *others))
    privileges.drop_capabilities()
    no_new_privs = _granted(privileges.refuse_new_privileges)
    _granted(privileges.close_memory)
    _granted(privileges.end_with_parent)
    if namespaces.PID in entered:
        namespaces.continue_as_first_process()
    _granted(lambda: limit_threads(has_own_users=namespaces.USER in entered))
    version = 0
    with suppress(OSError):
        version = landlock.restrict_files(readable)
    return Isolation(
        landlock=version,
        seccomp=_granted(seccomp.restrict_calls),
        no_new_privs=no_new_privs,
        namespaces=tuple(entered),
    )


def _granted(step: Callable[[], object]) -> bool:
    try:
        step()
    except OSError:
        return False
    return True


def _enter_empty_folder() -> None:
    """A new folder, which is removed at once: nothing can be made in it, not even by root."""
    name = f"slackbot-reader-{os.urandom(8).hex()}"
    try:
        os.mkdir(name, 0o700)  # noqa: PTH102 - pathlib takes 5 ms to import
        os.chdir(name)
        os.rmdir(f"../{name}")  # noqa: PTH106 - as above
    except OSError:  # there is no folder for temporary files
        os.chdir("/")
