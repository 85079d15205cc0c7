import os
import sysconfig
from pathlib import Path

import slackbot
from slackbot.attachments.extraction.isolation.library_paths import library_paths

PACKAGE = Path(slackbot.__file__).parent


def covered(path: str | Path) -> bool:
    return any(Path(path).is_relative_to(each) for each in library_paths())


def test_what_a_reader_imports_can_be_read() -> None:
    """The bot's own package, Python's library, and installed packages."""
    assert covered(PACKAGE)
    assert covered(os.__file__)
    assert covered(sysconfig.get_path("platlib"))


def test_nothing_else_of_a_checkout_can_be_read() -> None:
    """An editable install puts the whole checkout into sys.path, `.env` and database included."""
    assert not covered(PACKAGE.parent)
    assert not covered(PACKAGE.parent / ".env")
    assert not covered(Path.cwd())


def test_home_and_secrets_of_the_system_can_not_be_read() -> None:
    """Of /etc, only what the loader of libraries reads."""
    assert not covered("/")
    assert not covered("/etc/passwd")
    assert not covered(Path.home())
    assert not covered("/proc/self/environ")
