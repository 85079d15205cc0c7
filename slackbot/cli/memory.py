"""Keeps the tokens in the bot's memory from other processes of the same user.

MCP servers and tools run as the bot's user, who could otherwise read its environment and memory in
`/proc`, or attach a debugger.
"""

import ctypes
import resource
import sys

PR_SET_DUMPABLE = 4
"""https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html"""


def close_memory() -> None:
    """Only root can look into this process from now on, and no crash writes its memory to a file.

    Programs that it starts are open as usual. Only Linux has the first part.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, ctypes.c_ulong(0), 0, 0, 0)
