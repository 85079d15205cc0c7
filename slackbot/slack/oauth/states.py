"""The `state` of an installation: it proves that who ends it has begun it here, minutes ago.

A state is encrypted and carries its own time, so that any replica knows it, and opening the install
page stores nothing. Only that it was used is stored. https://www.rfc-editor.org/rfc/rfc6749#section-10.12
"""

import logging
import secrets
from typing import Any, Protocol

from slack_sdk.oauth import OAuthStateUtils
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from slackbot.conversation.ids import TeamId
from slackbot.workspaces.encryption import Encryption

PURPOSE = "state"

RANDOM_BYTES = 16

EXPIRATION_SECONDS = 600
"""As long as the store remembers that it was used."""

COOKIE = "__Host-slack-oauth-state"
"""Browsers take a cookie of such a name from this host alone, over HTTPS."""

NO_TEAM = TeamId("-")
"""Which workspace it will be is not known yet."""


class UsedStates(Protocol):
    async def claim_request(self, team: TeamId, identity: str) -> bool:
        """Notes that something is used now; False if it was in the last ten minutes.

        Of two at once, one gets True. Raises StoreError.
        """


class EncryptedStates(AsyncOAuthStateStore):
    def __init__(self, encryption: Encryption, used: UsedStates) -> None:
        self._encryption = encryption
        self._used = used

    @property
    def logger(self) -> logging.Logger:
        return logging.getLogger(__name__)

    async def async_issue(self, *_args: Any, **_kwargs: Any) -> str:
        """Returns a new state, whose characters need no escaping in an address or a cookie."""
        random = secrets.token_urlsafe(RANDOM_BYTES)
        return self._encryption.encrypt(PURPOSE, random).rstrip("=")

    async def async_consume(self, state: str) -> bool:
        """Returns True once for a state, within ten minutes. Raises StoreError."""
        padded = state + "=" * (-len(state) % 4)
        parts = self._encryption.decrypt(PURPOSE, padded, max_age_seconds=EXPIRATION_SECONDS)
        return parts is not None and await self._used.claim_request(NO_TEAM, parts[0])


class StateCookie(OAuthStateUtils):
    """Binds a state to the browser that got it."""

    def __init__(self) -> None:
        super().__init__(cookie_name=COOKIE, expiration_seconds=EXPIRATION_SECONDS)

    def build_set_cookie_for_new_state(self, state: str) -> str:
        """Also not sent by another site's forms and pictures."""
        return f"{super().build_set_cookie_for_new_state(state)}; SameSite=Lax"
