"""How many files and sockets the bot may have open at once.

Many systems start a program with a soft limit of 1,024, which a program may raise to its hard one.
"""

import resource

MAX_OPEN_FILES = 65_536
"""More is of no use; some systems have no hard limit, and refuse a soft one that is infinite."""


def raise_open_files_limit() -> None:
    """Raises the soft limit to the hard one, at most to MAX_OPEN_FILES. It is never lowered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
