"""Tells Slack's requests from forged ones by their signature over the raw bytes.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from multidict import CIMultiDictProxy

TIMESTAMP = "X-Slack-Request-Timestamp"
SIGNATURE = "X-Slack-Signature"

MAX_AGE_SECONDS = 300.0
"""How far the time of a request may be from the machine's."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ClaimedSignature:
    """What the headers of a request claim; only the body can prove it."""

    timestamp: str
    signature: str

    @classmethod
    def read(cls, headers: CIMultiDictProxy[str]) -> Self | None:
        """Returns None unless each header is there once, and has the form that Slack gives it."""
        timestamps, signatures = headers.getall(TIMESTAMP, []), headers.getall(SIGNATURE, [])
        if len(timestamps) != 1 or len(signatures) != 1:
            return None
        timestamp, signature = timestamps[0], signatures[0]
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return None
        return cls(timestamp, signature)

    def is_current(self, now: float) -> bool:
        """Returns whether it was signed at most MAX_AGE_SECONDS from now, in epoch seconds."""
        return abs(now - int(self.timestamp)) <= MAX_AGE_SECONDS

    def signs(self, body: bytes, secret: bytes) -> bool:
        """Returns whether the holder of the secret has signed exactly these bytes."""
        signed = b"v0:%b:%b" % (self.timestamp.encode(), body)
        expected = b"v0=" + hmac.new(secret, signed, hashlib.sha256).hexdigest().encode()
        return hmac.compare_digest(expected, self.signature.encode())

    @property
    def headers(self) -> Mapping[str, str]:
        return {TIMESTAMP: self.timestamp, SIGNATURE: self.signature}
