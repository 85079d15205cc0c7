"""A file that a person sent, as the history keeps it: a reference, never its content.

The content stays in Slack and is fetched when the model needs it. What has gone there is gone here.
"""

import re
from dataclasses import dataclass, replace

MAX_FILE_BYTES = 20 * 10**6
"""Bytes; what is larger is not fetched."""

MAX_FILES_PER_MESSAGE = 10
"""How many files of one message are read."""

MAX_NAME_CHARACTERS = 80

_UNSAFE_IN_NAMES = re.compile(r"[\s*`~\[\]<>|\\]+")
"""What would break a line, or be taken for Markdown or markup."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """`mimetype` and `size`, in bytes, are what Slack says of it; the size 0 is an empty file.

    Where nothing is known but the id (files of other organisations), Slack tells the rest when it
    is asked.
    """

    id: str
    name: str = ""
    mimetype: str = ""
    size: int | None = None
    words: str = ""
    """What is said in it: of a recording, that is what is kept."""

    @property
    def display_name(self) -> str:
        """Its name, fit for a line of text."""
        name = _UNSAFE_IN_NAMES.sub(" ", self.name).strip()
        return name if len(name) <= MAX_NAME_CHARACTERS else f"{name[:MAX_NAME_CHARACTERS]}…"

    @property
    def label(self) -> str:
        """What stands for it in the text of its message."""
        return f"[file: {self.display_name or 'unnamed'}]"

    @property
    def transcript(self) -> str:
        """What stands for a recording once somebody has listened to it."""
        return f"[spoken] {self.words}"

    @property
    def description(self) -> str:
        """What stands for it where it can't be sent."""
        size = None if self.size is None else f"{self.size:,} bytes"
        known = (
            self.display_name or "unnamed",
            self.mimetype,
            size,
            "its content is not available",
        )
        return f"[file: {', '.join(each for each in known if each)}]"

    def completed(self, other: "Attachment") -> "Attachment":
        """With what another reference to the same file says of it."""
        return replace(other, id=self.id, words=self.words) if other.name else self
