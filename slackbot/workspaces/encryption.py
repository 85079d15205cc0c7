"""Encrypts with keys that can be replaced one after another.

Fernet (AES-128-CBC and HMAC-SHA256) of `cryptography`: https://cryptography.io/en/latest/fernet/
"""

import json
import time
from collections.abc import Callable, Sequence


class Encryption:
    """The first key encrypts; all decrypt."""

    def __init__(self, keys: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        """Takes at least one key: 32 bytes in URL-safe Base64. `clock` gives seconds since the
        epoch.
        """
        from cryptography.fernet import Fernet  # noqa: PLC0415 - only with several workspaces

        self._keys = [Fernet(key) for key in keys]
        self._clock = clock

    def encrypt(self, purpose: str, *parts: str) -> str:
        """Encrypts texts, so that they can be decrypted for the same purpose only."""
        content = json.dumps([purpose, *parts]).encode()
        return self._keys[0].encrypt_at_time(content, int(self._clock())).decode()

    def decrypt(
        self, purpose: str, text: str, *, max_age_seconds: int | None = None
    ) -> Sequence[str] | None:
        """Returns the texts; None if none of the keys can decrypt them, if they were changed, if
        they are for another purpose, or if they are too old.
        """
        from cryptography.fernet import InvalidToken, MultiFernet  # noqa: PLC0415 - as above

        fernet, now = MultiFernet(self._keys), int(self._clock())
        encrypted = text.encode(errors="replace")
        try:
            if max_age_seconds is None:
                content = fernet.decrypt(encrypted)
            else:
                content = fernet.decrypt_at_time(encrypted, max_age_seconds, now)
        except InvalidToken:
            return None
        found, *parts = json.loads(content)
        return parts if found == purpose else None

    def first_key_decrypts(self, text: str) -> bool:
        """Returns whether the other keys are not needed for it."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - as above

        try:
            self._keys[0].extract_timestamp(text.encode(errors="replace"))
        except InvalidToken:
            return False
        return True
