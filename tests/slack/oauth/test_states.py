"""The state of an installation."""

import re
from urllib.parse import parse_qs, quote

from slackbot.slack.oauth.states import EncryptedStates, StateCookie
from slackbot.store import RecordStore
from slackbot.workspaces.encryption import Encryption
from tests.config import ENCRYPTION_KEY


async def test_a_state_needs_no_escaping(store: RecordStore) -> None:
    """It comes back as it was through an address, and through a cookie."""
    states = EncryptedStates(Encryption([ENCRYPTION_KEY]), store)
    issued = [await states.async_issue() for _ in range(5)]
    assert len(set(issued)) == 5
    for state in issued:
        assert re.fullmatch(r"[\w-]{100,200}", state, re.ASCII)
        assert quote(state) == state
        assert parse_qs(f"state={state}") == {"state": [state]}
        cookie = StateCookie().build_set_cookie_for_new_state(state).partition(";")[0]
        assert StateCookie().is_valid_browser(state, {"cookie": f"a=b; {cookie}; c=d"})


async def test_a_token_is_no_state(store: RecordStore) -> None:
    """What is encrypted with the same key for another purpose can't be redeemed."""
    encryption = Encryption([ENCRYPTION_KEY])
    states = EncryptedStates(encryption, store)
    assert not await states.async_consume(encryption.encrypt("tokens", "random"))
    assert await states.async_consume(await states.async_issue())


async def test_the_padding_does_not_count(store: RecordStore) -> None:
    """The same state in another spelling is the same state."""
    states = EncryptedStates(Encryption([ENCRYPTION_KEY]), store)
    state = await states.async_issue()
    assert await states.async_consume(state)
    for other in (state, f"{state}=", f"{state}==", f"{state}\n"):
        assert not await states.async_consume(other)
