"""Landlock: of all files, the process can only read those that it is given.

https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
import stat
from collections.abc import Iterable, Mapping

from slackbot.attachments.extraction.isolation.kernel import syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""The numbers of the system calls, the same for every processor."""

_GET_VERSION = 1
_BENEATH_PATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3

_FILE_RIGHTS: Mapping[int, int] = {
    1: (1 << 13) - 1,  # execute, write, read, list, remove, and make any kind of file
    2: 1 << 13,  # refer: move to another folder
    3: 1 << 14,  # truncate
    5: 1 << 15,  # ioctl on a device
    9: 1 << 16,  # connect to a UNIX socket by its path
}
_TCP_RIGHTS: Mapping[int, int] = {4: 0b11}  # bind and connect
_SCOPES: Mapping[int, int] = {6: 0b11}  # abstract UNIX sockets, and signals
"""By the version that brought them. Each is taken away wherever the kernel knows it."""


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathAttributes(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def interface_version() -> int:
    """What this kernel knows. Raises OSError if it has no Landlock."""
    return syscall(CREATE_RULESET, None, 0, _GET_VERSION)


def restrict_files(readable: Iterable[str]) -> int:
    """From now on only these files, and all below these folders, can be read, and none written.

    A path that does not exist is left out. Needs no_new_privs. Returns the version of the
    interface. Raises OSError if the kernel has no Landlock.
    """
    version = interface_version()
    attributes = _RulesetAttributes(
        *(_known(rights, version) for rights in (_FILE_RIGHTS, _TCP_RIGHTS, _SCOPES))
    )
    size = ctypes.sizeof(attributes)
    ruleset = syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0)
    try:
        for path in readable:
            _allow_reading(ruleset, path)
        syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _known(rights: Mapping[int, int], version: int) -> int:
    return sum(bits for since, bits in rights.items() if since <= version)


def _allow_reading(ruleset: int, path: str) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rights = _READ_FILE | _READ_DIR if is_folder else _READ_FILE
        rule = _PathAttributes(rights, descriptor)
        syscall(ADD_RULE, ruleset, _BENEATH_PATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)
