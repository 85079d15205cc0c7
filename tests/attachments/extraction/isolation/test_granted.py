import pytest

from slackbot.attachments.extraction.isolation import Isolation


def test_nothing_is_granted() -> None:
    """On macOS, and on kernels that have none of it."""
    assert Isolation().lacks == ("Landlock", "seccomp", "no_new_privs")


@pytest.mark.parametrize("namespaces", [(), ("user", "PID")])
def test_namespaces_are_not_necessary(namespaces: tuple[str, ...]) -> None:
    """Containers forbid them."""
    assert Isolation(1, seccomp=True, no_new_privs=True, namespaces=namespaces).lacks == ()
