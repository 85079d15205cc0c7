"""A file that a person sent, as the history stores it: a reference without the content.

The content stays in Slack and is fetched when the model needs it. A file that is deleted there is
no longer available here.
"""

import re
from dataclasses import dataclass, replace
from unicodedata import category, normalize

from slackbot.conversation.ids import ChannelId

MAX_FILE_BYTES = 20 * 10**6
"""Larger files are not fetched."""

MAX_FILES_PER_MESSAGE = 10
"""Further files of a message are not read."""

MAX_NAME_CHARACTERS = 80

MAX_GIVEN_NAME_CHARACTERS = 1_000
"""Of a name as it is given; the rest is not looked at."""

_UNSAFE = "*`~[]<>|\\"
"""Characters that would be read as Markdown or markup, also in their wide forms."""

_MIMETYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}", re.ASCII)


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
        """The name on one line without markup or characters that nobody sees, shortened to
        MAX_NAME_CHARACTERS.
        """
        name = " ".join("".join(map(_plain, self.name[:MAX_GIVEN_NAME_CHARACTERS])).split())
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
        return self.described("its content is not available")

    def described(self, note: str) -> str:
        """What is known about the file, and this note."""
        size = None if self.size is None else f"{self.size:,} bytes"
        known = (
            self.display_name or "unnamed",
            self.mimetype if _MIMETYPE.fullmatch(self.mimetype) else "",
            size,
            note,
        )
        return f"[file: {', '.join(each for each in known if each)}]"

    def completed(self, other: "Attachment") -> "Attachment":
        """Returns the file with the details of another reference to it."""
        if not other.name:
            return self
        return replace(other, id=self.id, words=self.words, origin=self.origin)


def _plain(character: str) -> str:
    """The character, or a space for one that could be read as markup; nothing if nobody sees it."""
    if category(character)[0] == "C" and not character.isspace():
        return ""
    return " " if set(normalize("NFKC", character)) & {*_UNSAFE} else character
