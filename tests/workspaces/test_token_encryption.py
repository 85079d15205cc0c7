"""Tokens as they stand in the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import InstallationKey
from slackbot.workspaces.token_encryption import BotTokens, EncryptionError, TokenEncryption
from tests.config import ENCRYPTION_KEY, OTHER_ENCRYPTION_KEY
from tests.workspaces.samples import key

TOKENS = BotTokens("xoxe.xoxb-1-secret", "xoxe-1-secret")
HERE = key("T1", "E1")


def with_keys(*keys: str) -> TokenEncryption:
    return TokenEncryption(Encryption(keys))


@given(bot=st.text(min_size=1), refresh=st.text(), team=st.text(), enterprise=st.text())
def test_what_is_sealed_is_opened(bot: str, refresh: str, team: str, enterprise: str) -> None:
    """Tokens come back as they were, and can't be read meanwhile."""
    encryption, tokens = with_keys(ENCRYPTION_KEY), BotTokens(bot, refresh)
    sealed = encryption.seal(tokens, key(team, enterprise))
    assert encryption.open(sealed, key(team, enterprise)) == tokens
    assert encryption.seal(tokens, key(team, enterprise)) != sealed
    assert len(bot) < 8 or bot not in sealed


def test_keys_are_replaced() -> None:
    """The first key encrypts and all decrypt, so an old one goes once nothing needs it."""
    old, new = with_keys(ENCRYPTION_KEY), with_keys(OTHER_ENCRYPTION_KEY)
    both = with_keys(OTHER_ENCRYPTION_KEY, ENCRYPTION_KEY)
    before = old.seal(TOKENS, HERE)
    assert both.open(before, HERE) == TOKENS
    assert not both.is_current(before)
    after = both.seal(TOKENS, HERE)
    assert both.is_current(after)
    assert new.open(after, HERE) == TOKENS


def test_another_key() -> None:
    """Without the key it is one sentence that names the workspace and the variable."""
    sealed = with_keys(ENCRYPTION_KEY).seal(TOKENS, HERE)
    with pytest.raises(EncryptionError, match=r"^The token of T1 can't be decrypted: ") as caught:
        with_keys(OTHER_ENCRYPTION_KEY).open(sealed, HERE)
    assert "SLACKBOT_ENCRYPTION_KEY" in caught.value.user_message
    assert "secret" not in caught.value.user_message


@pytest.mark.parametrize("place", [0, 1, 20, -20])
def test_a_row_that_was_changed(place: int) -> None:
    """A change of any character is noticed."""
    encryption = with_keys(ENCRYPTION_KEY)
    sealed = [*encryption.seal(TOKENS, HERE)]
    sealed[place] = "A" if sealed[place] != "A" else "B"
    with pytest.raises(EncryptionError):
        encryption.open("".join(sealed), HERE)


@pytest.mark.parametrize("sealed", ["", "xoxb-1", "gAAAA", "ü", "A" * 200])
def test_what_was_never_sealed(sealed: str) -> None:
    """A token that somebody wrote into the row by hand is not used."""
    with pytest.raises(EncryptionError):
        with_keys(ENCRYPTION_KEY).open(sealed, HERE)


@pytest.mark.parametrize("other", [key("T2", "E1"), key("T1", "E2"), key("", "E1")])
def test_the_row_of_another_workspace(other: InstallationKey) -> None:
    """A token that was copied into another workspace's row is not used there."""
    encryption = with_keys(ENCRYPTION_KEY)
    with pytest.raises(EncryptionError):
        encryption.open(encryption.seal(TOKENS, HERE), other)


def test_a_text_of_another_purpose() -> None:
    """What was encrypted for something else is no token, whatever it says."""
    encryption = Encryption([ENCRYPTION_KEY])
    state = encryption.encrypt("state", "E1", "T1", "xoxb-1", "")
    with pytest.raises(EncryptionError):
        TokenEncryption(encryption).open(state, HERE)


def test_tokens_are_not_shown() -> None:
    """They are not in a log line or a traceback that shows the value."""
    assert "secret" not in repr(TOKENS)
