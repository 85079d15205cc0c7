"""Encrypts what must not be read by those who read the database: the workspaces' tokens."""

from dataclasses import dataclass, field

from slackbot.errors import SlackbotError
from slackbot.workspaces import texts
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import InstallationKey

PURPOSE = "tokens"


class EncryptionError(SlackbotError):
    """Tokens can't be decrypted: the key is missing, or what is stored was changed."""


@dataclass(frozen=True, slots=True)
class BotTokens:
    """The secrets of an installation."""

    bot: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    """Exchanged for the next tokens, once; "" for a bot token that lasts."""


class TokenEncryption:
    """Binds tokens to their installation: copied into another one's row, they are not used."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption

    def seal(self, tokens: BotTokens, key: InstallationKey) -> str:
        parts = (key.enterprise, key.team, tokens.bot, tokens.refresh)
        return self._encryption.encrypt(PURPOSE, *parts)

    def open(self, sealed: str, key: InstallationKey) -> BotTokens:
        """Raises EncryptionError."""
        parts = self._encryption.decrypt(PURPOSE, sealed) or ("", "", "", "")
        enterprise, team, bot, refresh = parts
        if not bot or (enterprise, team) != (key.enterprise, key.team):
            raise EncryptionError(texts.NOT_DECRYPTED.format(key=key))
        return BotTokens(bot, refresh)

    def is_current(self, sealed: str) -> bool:
        """Returns whether the first key is enough to open it."""
        return self._encryption.first_key_decrypts(sealed)
