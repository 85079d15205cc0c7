"""A process as on an older kernel, or in a container: some system calls fail."""

import ctypes
import errno
import platform
import struct
from collections.abc import Collection

from slackbot.attachments.extraction.isolation.kernel import (
    PR_SET_NO_NEW_PRIVS,
    PR_SET_SECCOMP,
    prctl,
)

IS_X86 = platform.machine() == "x86_64"

CALLS = {
    "landlock": (444, errno.ENOSYS),
    "unshare": (272 if IS_X86 else 97, errno.EPERM),
}
"""The numbers of system calls, and how they fail: the first one as on Linux before 5.13."""


def refuse(names: Collection[str]) -> None:
    """From now on, these calls fail for this process and all that it starts."""
    code = struct.pack("=HBBI", 0x20, 0, 0, 0)
    for number, error in map(CALLS.__getitem__, names):
        code += struct.pack("=HBBI", 0x15, 0, 1, number)
        code += struct.pack("=HBBI", 0x06, 0, 0, 0x00050000 | error)
    code += struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)
    instructions = ctypes.create_string_buffer(code)
    address = ctypes.addressof(instructions)
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, address))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, 2, ctypes.addressof(program))
