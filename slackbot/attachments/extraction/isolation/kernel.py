"""Calls to the Linux kernel for which Python has no function."""

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
"""https://man7.org/linux/man-pages/man2/prctl.2.html"""

_CAPABILITY_VERSION = 0x20080522
"""https://man7.org/linux/man-pages/man2/capset.2.html"""

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *arguments: int) -> int:
    """Raises OSError."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(_libc.prctl(ctypes.c_int(option), *map(ctypes.c_ulong, padded)))


def syscall(number: int, *arguments: object) -> int:
    """Calls by number; arguments are whole numbers and pointers. Raises OSError."""
    values = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    return _checked(_libc.syscall(ctypes.c_long(number), *values))


def unshare(flags: int) -> None:
    """Raises OSError. Python has os.unshare from 3.12 on."""
    _checked(_libc.unshare(ctypes.c_int(flags)))


def drop_all_capabilities() -> None:
    """Those that the process has now. Raises OSError."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)()))


def _checked(returned: int) -> int:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return returned
