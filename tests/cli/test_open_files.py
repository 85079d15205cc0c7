"""How many files the bot may have open."""

import resource
import subprocess
import sys

PROGRAM = """\
import resource
from slackbot.cli.open_files import raise_open_files_limit
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
raise_open_files_limit()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits_after(soft: int, hard: int) -> list[int]:
    """The limits of a process that started with these, once it has raised them."""
    program = PROGRAM.format(soft=soft, hard=hard)
    said = subprocess.check_output([sys.executable, "-c", program])  # noqa: S603 - our own
    return [int(each) for each in said.split()]


def test_the_soft_limit_is_raised() -> None:
    """A process that starts with a low soft limit gets what its hard limit allows."""
    hard = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 4_096)
    assert limits_after(256, hard) == [hard, hard]
    assert limits_after(hard, hard) == [hard, hard]
