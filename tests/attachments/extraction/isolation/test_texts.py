import pytest

from slackbot.attachments.extraction.isolation import Isolation
from slackbot.attachments.extraction.isolation.texts import ALONE, describe

ALL = Isolation(7, seccomp=True, no_new_privs=True, namespaces=("user", "PID"))


@pytest.mark.parametrize(
    ("isolation", "rest"),
    [
        (
            ALL,
            ", isolated by Landlock (version 7), seccomp, no_new_privs, namespaces (user, PID)",
        ),
        (
            ALL._replace(landlock=1, namespaces=()),
            (
                ", isolated by Landlock (version 1, an older one), seccomp, no_new_privs; "
                "this machine does not grant namespaces"
            ),
        ),
        (
            Isolation(),
            "; this machine does not grant Landlock, seccomp, no_new_privs, namespaces",
        ),
    ],
)
def test_describe(isolation: Isolation, rest: str) -> None:
    """What is granted, then what is missing."""
    assert describe(isolation) == ALONE + rest
