"""Encrypts what must not be read by those who read the database: the workspaces' tokens.

Fernet (AES-128-CBC and HMAC-SHA256) of `cryptography`: https://cryptography.io/en/latest/fernet/
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slackbot.errors import SlackbotError
from slackbot.workspaces import texts
from slackbot.workspaces.installations import InstallationKey

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class EncryptionError(SlackbotError):
    """Tokens can't be decrypted: the key is missing, or what is stored was changed."""


@dataclass(frozen=True, slots=True)
class BotTokens:
    """The secrets of an installation."""

    bot: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    """Exchanged for the next tokens, once; "" for a bot token that lasts."""


class TokenEncryption:
    """The first key encrypts; all decrypt, so that keys can be replaced one after another."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are 32 bytes each, in URL-safe Base64; there is at least one."""
        from cryptography.fernet import Fernet  # noqa: PLC0415 - only with several workspaces

        self._keys: list[Fernet] = [Fernet(key) for key in keys]

    def seal(self, tokens: BotTokens, key: InstallationKey) -> str:
        """Encrypts tokens, which can be decrypted for the same installation only."""
        content = [key.enterprise, key.team, tokens.bot, tokens.refresh]
        return self._keys[0].encrypt(json.dumps(content).encode()).decode()

    def open(self, sealed: str, key: InstallationKey) -> BotTokens:
        """Decrypts tokens. Raises EncryptionError."""
        content = self._decrypted(self._keys, sealed)
        if content is None or content[:2] != [key.enterprise, key.team]:
            raise EncryptionError(texts.NOT_DECRYPTED.format(key=key))
        return BotTokens(content[2], content[3])

    def is_sealed_with_first_key(self, sealed: str) -> bool:
        """Returns whether the other keys are not needed for it."""
        return self._decrypted(self._keys[:1], sealed) is not None

    @staticmethod
    def _decrypted(keys: "Sequence[Fernet]", sealed: str) -> list[str] | None:
        """The content that one of the keys decrypts; None if none does."""
        from cryptography.fernet import InvalidToken, MultiFernet  # noqa: PLC0415 - as above

        try:
            content: list[str] = json.loads(MultiFernet(keys).decrypt(sealed.encode()))
        except InvalidToken:
            return None
        return content
