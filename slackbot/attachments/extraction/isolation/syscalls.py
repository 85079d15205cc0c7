"""The system calls that readers need: memory, time, their own descriptors, opening to read.

There is none for sockets, processes, signals to others, writing to files, or devices.
The numbers are those of Linux's `unistd.h`. Old calls that only x86-64 has serve musl and older
versions of glibc.
"""

import errno
from collections.abc import Mapping
from typing import Literal, NamedTuple

AUDIT_ARCHITECTURES: Mapping[str, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The value of `seccomp_data.arch` (`linux/audit.h`), by the machine's name."""

_NUMBERS: Mapping[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "brk": (12, 214),
    "madvise": (28, 233),
    "futex": (202, 98),
    "lseek": (8, 62),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "fstat": (5, 80),
    "stat": (4, None),
    "lstat": (6, None),
    "close": (3, 57),
    "close_range": (436, 436),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "fadvise64": (221, 223),
    "getdents": (78, None),
    "getdents64": (217, 61),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "poll": (7, None),
    "ppoll": (271, 73),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "nanosleep": (35, 101),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "arch_prctl": (158, None),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""x86-64 and 64-bit ARM. The kernel goes through them in order, so the frequent ones come first."""


class ArgumentRule(NamedTuple):
    """A call that is served only if one of its arguments, counted from 0, is harmless."""

    argument: int
    allows: Literal["none of the bits", "one of", "null", "own process"]
    values: tuple[int, ...] = ()
    error: int = errno.EPERM


_WRITING = 0o3 | 0o100 | 0o1000 | 0o20000000
"""O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE"""

_DESCRIPTOR_COMMANDS = (1, 2, 3)
"""F_GETFD, F_SETFD, F_GETFL"""

_TERMINAL_COMMANDS = (0x5401, 0x802C542A, 0x5450, 0x5451)
"""TCGETS and TCGETS2, with which a program asks for a terminal; FIONCLEX, FIOCLEX"""

_THREAD_FLAGS = (0x3D0F00, 0x7D0F00)
"""With these, glibc and musl start a thread, and no process. libde265 reads pictures in one.

`clone3` takes its flags from memory, where no filter sees them. Without it, glibc calls `clone`.
"""

_BY_ARGUMENT: Mapping[tuple[int | None, int | None], ArgumentRule] = {
    (257, 56): ArgumentRule(2, "none of the bits", (_WRITING,), errno.EACCES),  # openat
    (2, None): ArgumentRule(1, "none of the bits", (_WRITING,), errno.EACCES),  # open
    (16, 29): ArgumentRule(1, "one of", _TERMINAL_COMMANDS, errno.ENOTTY),  # ioctl
    (72, 25): ArgumentRule(1, "one of", _DESCRIPTOR_COMMANDS),  # fcntl
    (56, 220): ArgumentRule(0, "one of", _THREAD_FLAGS),  # clone
    (302, 261): ArgumentRule(2, "null"),  # prlimit64 reads limits, and sets none
    (234, 131): ArgumentRule(0, "own process"),  # tgkill, for abort()
}

UNCONDITIONAL: Mapping[str, tuple[int, ...]] = {
    machine: tuple(number for pair in _NUMBERS.values() if (number := pair[at]) is not None)
    for at, machine in enumerate(AUDIT_ARCHITECTURES)
}
BY_ARGUMENT: Mapping[str, Mapping[int, ArgumentRule]] = {
    machine: {
        number: rule for pair, rule in _BY_ARGUMENT.items() if (number := pair[at]) is not None
    }
    for at, machine in enumerate(AUDIT_ARCHITECTURES)
}
"""By the machine's name, then the call's number."""
