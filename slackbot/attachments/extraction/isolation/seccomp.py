"""seccomp: the kernel serves the few system calls that readers need, and no others.

What is not listed gets ENOSYS, as from an older kernel, so a library falls back where it can.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator

from slackbot.attachments.extraction.isolation.kernel import PR_SET_SECCOMP, prctl
from slackbot.attachments.extraction.isolation.syscalls import (
    AUDIT_ARCHITECTURES,
    BY_ARGUMENT,
    UNCONDITIONAL,
    ArgumentRule,
)

_MODE_FILTER = 2

_KILL, _ERROR, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _ARGUMENTS_OFFSET = 0, 4, 16
"""In `struct seccomp_data`; each argument has eight bytes, the lower half first."""

_X32 = 0x40000000
"""A bit of x86-64's second table of calls, which a list of numbers would miss."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def restrict_calls() -> None:
    """Needs no_new_privs. Raises OSError if the kernel has no filters, or knows other calls."""
    machine = os.uname().machine
    if machine not in AUDIT_ARCHITECTURES or sys.maxsize < 2**32:
        raise OSError(errno.ENOSYS, f"no list of calls for {machine}")
    code = filter_code(machine, os.getpid())
    program = _Program(len(code) // 8, code)
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))


def filter_code(machine: str, pid: int) -> bytes:
    """The filter of a process as a program in classic BPF, eight bytes an instruction."""
    return b"".join(_instructions(machine, pid))


def _instructions(machine: str, pid: int) -> Iterator[bytes]:
    yield _instruction(_LOAD, _ARCHITECTURE_OFFSET)
    yield _instruction(_EQUAL, AUDIT_ARCHITECTURES[machine], 1, 0)
    yield _instruction(_RETURN, _KILL)
    yield _instruction(_LOAD, _NUMBER_OFFSET)
    yield _instruction(_AT_LEAST, _X32, 0, 1)
    yield _instruction(_RETURN, _KILL)
    for number in UNCONDITIONAL[machine]:
        yield _instruction(_EQUAL, number, 0, 1)
        yield _instruction(_RETURN, _ALLOW)
    for number, rule in BY_ARGUMENT[machine].items():
        block = list(_argument_block(rule, pid))
        yield _instruction(_EQUAL, number, 0, len(block))
        yield from block
    yield _instruction(_RETURN, _ERROR | errno.ENOSYS)


def _argument_block(rule: ArgumentRule, pid: int) -> Iterator[bytes]:
    """Ends with a decision in each of its branches."""
    offset = _ARGUMENTS_OFFSET + 8 * rule.argument
    refused = _instruction(_RETURN, _ERROR | rule.error)
    yield _instruction(_LOAD, offset)
    match rule.allows:
        case "none of the bits":
            yield _instruction(_ANY_BIT, rule.values[0], 0, 1)
            yield refused
        case "null":
            yield _instruction(_EQUAL, 0, 1, 0)
            yield refused
            yield _instruction(_LOAD, offset + 4)
            yield _instruction(_EQUAL, 0, 1, 0)
            yield refused
        case "one of":
            for value in rule.values:
                yield _instruction(_EQUAL, value, 0, 1)
                yield _instruction(_RETURN, _ALLOW)
            yield refused
            return
        case "own process":
            yield _instruction(_EQUAL, pid, 1, 0)
            yield refused
    yield _instruction(_RETURN, _ALLOW)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One of classic BPF; the jumps count instructions."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
