"""The filter, run as the kernel runs it, for each kind of processor."""

import errno
import struct
from collections.abc import Sequence

import pytest

from slackbot.attachments.extraction.isolation.seccomp import filter_code
from slackbot.attachments.extraction.isolation.syscalls import AUDIT_ARCHITECTURES

PID = 4_321

ALLOWED, KILLED = 0x7FFF0000, 0x80000000

NAMES = ("openat", "clone", "ioctl", "fcntl", "prlimit64", "tgkill", "read")
NUMBERS = {
    "x86_64": dict(zip(NAMES, (257, 56, 16, 72, 302, 234, 0), strict=True)),
    "aarch64": dict(zip(NAMES, (56, 220, 29, 25, 261, 131, 63), strict=True)),
}
REFUSED = {
    "x86_64": {"socket": 41, "execve": 59, "fork": 57, "kill": 62, "ptrace": 101, "clone3": 435},
    "aarch64": {"socket": 198, "execve": 221, "openat2": 437, "kill": 129, "ptrace": 117},
}

machines = pytest.mark.parametrize("machine", AUDIT_ARCHITECTURES)


def decision(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the kernel does with a call: https://docs.kernel.org/userspace-api/seccomp_filter.html"""
    architecture = AUDIT_ARCHITECTURES[machine] if architecture is None else architecture
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, *[0] * 6)[:6])
    code = filter_code(machine, PID)
    at = accumulator = 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x06:
                return int(value)
            case _:
                holds = {
                    0x15: accumulator == value,
                    0x35: accumulator >= value,
                    0x45: accumulator & value != 0,
                }[operation]
                at += if_true if holds else if_false


def refused(error: int) -> int:
    return 0x00050000 | error


@machines
def test_what_is_not_listed_does_not_exist(machine: str) -> None:
    """Libraries fall back, as on a kernel without the call."""
    for number in REFUSED[machine].values():
        assert decision(machine, number) == refused(errno.ENOSYS)
    assert decision(machine, 9_999) == refused(errno.ENOSYS)
    assert decision(machine, NUMBERS[machine]["read"]) == ALLOWED


@machines
def test_other_tables_of_calls_end_the_process(machine: str) -> None:
    """The numbers mean other calls in 32-bit code and in x32."""
    read = NUMBERS[machine]["read"]
    assert decision(machine, read, architecture=0x40000003) == KILLED
    assert decision(machine, read | 0x40000000) == KILLED


@machines
@pytest.mark.parametrize("flags", [0o1, 0o2, 0o100, 0o1000, 0o2001, 0o20200000, 0o3])
def test_nothing_is_opened_to_write(machine: str, flags: int) -> None:
    """Nor is a file made or emptied."""
    openat = NUMBERS[machine]["openat"]
    assert decision(machine, openat, 5, 5, flags) == refused(errno.EACCES)
    assert decision(machine, openat, 5, 5, 0o2000000) == ALLOWED  # O_CLOEXEC


@machines
@pytest.mark.parametrize(
    ("name", "good", "bad", "error"),
    [
        ("clone", (0x3D0F00,), (0x01200011,), errno.EPERM),
        ("clone", (0x7D0F00,), (0x3D0F00 | 0x10000000,), errno.EPERM),
        ("ioctl", (1, 0x5401), (1, 0x5412), errno.ENOTTY),
        ("fcntl", (1, 1), (1, 8), errno.EPERM),
        ("prlimit64", (0, 7, 0), (0, 7, 0x7FFF_0000_1000), errno.EPERM),
        ("prlimit64", (0, 7, 0), (0, 7, 0x7FFF_0000_0000), errno.EPERM),
        ("tgkill", (PID, PID, 6), (1, 1, 9), errno.EPERM),
    ],
)
def test_arguments(
    machine: str, name: str, good: Sequence[int], bad: Sequence[int], error: int
) -> None:
    """Threads, not processes; own signals, not others'; limits are read, not set."""
    number = NUMBERS[machine][name]
    assert decision(machine, number, *good) == ALLOWED
    assert decision(machine, number, *bad) == refused(error)
