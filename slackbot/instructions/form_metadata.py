"""What a form was opened for. Slack keeps it while the form is open, and gives it back. Pure.

It can be forged, so it gives no right to anything.
"""

import json
import re
from dataclasses import asdict, dataclass
from hashlib import sha256

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import OutdatedFormError
from slackbot.instructions.instruction_text import normalize_text
from slackbot.instructions.scopes import Scope

VERSION = 2
"""Counts up when the metadata or the fields of the form change."""


@dataclass(frozen=True, slots=True)
class FormMetadata:
    """The scope of a form, and the revision and the text that it showed."""

    channel: ChannelId
    """The channel in which it was opened; empty for the Home tab."""
    workspace: bool
    revision: int
    """The number of the last revision; 0 if there was none."""
    text_digest: str
    """Of the text that was shown. A text that is saved as it was shown has not been changed."""
    version: int = VERSION

    def scope(self, team: TeamId) -> Scope:
        return Scope(team) if self.workspace else Scope(team, self.channel)

    def shows(self, text: str) -> bool:
        """Whether the form was opened with this text."""
        return text_digest(text) == self.text_digest

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "FormMetadata":
        """Raises OutdatedFormError if it was not written by this version of the bot."""
        try:
            metadata = cls(**json.loads(text))
            is_valid = (
                metadata.version == VERSION
                and isinstance(metadata.workspace, bool)
                and type(metadata.revision) is int
                and isinstance(metadata.text_digest, str)
                and re.fullmatch(r"[A-Z0-9]*", metadata.channel) is not None
                and (metadata.workspace or metadata.channel != "")
            )
        except (TypeError, ValueError, RecursionError):
            is_valid = False
        if not is_valid:
            raise OutdatedFormError
        return metadata


def text_digest(text: str) -> str:
    """The same for a text and for what Slack gives back of it."""
    return sha256(normalize_text(text).encode()).hexdigest()[:16]
