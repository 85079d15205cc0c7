"""A file that a person sent, as the history stores it: a reference without the content.

The content stays in Slack and is fetched when the model needs it. A file that is deleted there is
no longer available here.
"""

import re
from dataclasses import dataclass, replace

from slackbot.conversation.ids import ChannelId

MAX_FILE_BYTES = 20 * 10**6
"""Larger files are not fetched."""

MAX_FILES_PER_MESSAGE = 10
"""Further files of a message are not read."""

MAX_NAME_CHARACTERS = 80

CANVAS_TYPE = "application/vnd.slack-docs"
"""A canvas, which Slack hands out as HTML.

https://docs.slack.dev/surfaces/canvases
"""

EMAIL_TYPE = "message/rfc822"
"""An email with its headers and attachments."""

_UNSAFE_IN_NAMES = re.compile(r"[\s*`~\[\]<>|\\]+")
"""Characters that would break a line, or be read as Markdown or markup."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file by its ID in Slack, with what Slack says about it: `size` is in bytes.

    Slack's events name nothing but the ID for files of other organisations; the rest is requested.
    https://docs.slack.dev/reference/objects/file-object
    """

    id: str
    name: str = ""
    mimetype: str = ""
    size: int | None = None
    words: str = ""
    """The transcript of a recording. The stored layout fixes the field's name."""
    origin: ChannelId = ChannelId("")
    """The channel of the forwarded message that the file came with; empty for a person's own."""

    @property
    def display_name(self) -> str:
        """The name without markup, shortened to MAX_NAME_CHARACTERS."""
        name = _UNSAFE_IN_NAMES.sub(" ", self.name).strip()
        return name if len(name) <= MAX_NAME_CHARACTERS else f"{name[:MAX_NAME_CHARACTERS]}…"

    @property
    def label(self) -> str:
        """Stands for the file in its message's text."""
        return f"[file: {self.display_name or 'unnamed'}]"

    @property
    def transcript(self) -> str:
        """Stands for a recording that has been transcribed."""
        return f"[spoken] {self.words}"

    @property
    def description(self) -> str:
        """Stands for a file that can't be sent to the model."""
        size = None if self.size is None else f"{self.size:,} bytes"
        known = (
            self.display_name or "unnamed",
            self.mimetype,
            size,
            "its content is not available",
        )
        return f"[file: {', '.join(each for each in known if each)}]"

    def completed(self, other: "Attachment") -> "Attachment":
        """Returns the file with the details of another reference to it."""
        if not other.name:
            return self
        return replace(other, id=self.id, words=self.words, origin=self.origin)
