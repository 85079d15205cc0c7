"""What is encrypted for a purpose and a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.workspaces.encryption import Encryption
from tests.config import ENCRYPTION_KEY, OTHER_ENCRYPTION_KEY


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@given(purpose=st.text(), parts=st.lists(st.text()))
def test_texts_come_back(purpose: str, parts: list[str]) -> None:
    """Any texts, for any purpose."""
    encryption = Encryption([ENCRYPTION_KEY])
    assert encryption.decrypt(purpose, encryption.encrypt(purpose, *parts)) == parts


@pytest.mark.parametrize(("age", "is_valid"), [(0, True), (600, True), (601, False), (-61, False)])
def test_what_is_too_old(age: int, is_valid: bool) -> None:  # noqa: FBT001
    """It is as if it could not be decrypted, and so is what comes from the future."""
    clock = Clock()
    encryption = Encryption([ENCRYPTION_KEY], clock)
    text = encryption.encrypt("state", "a")
    clock.now += age
    assert (encryption.decrypt("state", text, max_age_seconds=600) == ["a"]) is is_valid
    assert encryption.decrypt("state", text) == ["a"]


def test_the_first_key() -> None:
    """Only what needs another key has to be encrypted again before that key can go."""
    both = Encryption([ENCRYPTION_KEY, OTHER_ENCRYPTION_KEY])
    assert both.first_key_decrypts(both.encrypt("a"))
    assert not both.first_key_decrypts(Encryption([OTHER_ENCRYPTION_KEY]).encrypt("a"))
    assert not both.first_key_decrypts("")
