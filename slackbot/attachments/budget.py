"""Which attachments of a conversation go into a request, and how much of each.

The same conversation always gives the same result, because the server caches the beginnings of
requests.
"""

from collections.abc import Iterable, Mapping

from slackbot.attachments.media_parts import PdfContent, PreparedFile, TextContent
from slackbot.conversation.attachment import MAX_FILES_PER_MESSAGE, Attachment
from slackbot.conversation.history import Turn

MAX_FILES_PER_REQUEST = 20
"""The newest files of a thread. The model is told about the others without their content."""

FILES_DROPPED_AT_ONCE = 10
"""Older files leave in groups, so that the beginning of the requests stays the same for longer."""

MAX_REQUEST_SHARE = 0.5
"""The part of a request's tokens that the attachments of one turn may take."""

MAX_PDF_PAGES = 50
"""The model looks at a PDF with up to so many pages. Of a longer one it gets the text."""

MAX_REQUEST_BYTES = 30 * 10**6
"""For the content of all files in a request, which base64 makes a third larger. OpenAI takes 50 MB:
https://platform.openai.com/docs/guides/pdf-files
"""


def select_attachments(turns: Iterable[Turn]) -> list[Attachment]:
    """The attachments whose content goes into a request, oldest first."""
    readable = [
        file
        for turn in turns
        for message in turn.messages
        for file in message.files[:MAX_FILES_PER_MESSAGE]
    ]
    excess = max(0, len(readable) - MAX_FILES_PER_REQUEST)
    return readable[-(-excess // FILES_DROPPED_AT_ONCE) * FILES_DROPPED_AT_ONCE :]


def limit_bytes(prepared: Mapping[str, PreparedFile]) -> Mapping[str, PreparedFile]:
    """What fits into one request of these files, which are given oldest first.

    The newest files are kept as they are. An older PDF that is too large is replaced by its text,
    and other files are left out.
    """
    kept: dict[str, PreparedFile] = {}
    remaining = MAX_REQUEST_BYTES
    for file_id, file in reversed([*prepared.items()]):
        if isinstance(file, TextContent):
            kept[file_id] = file
        elif len(file.content) <= remaining:
            kept[file_id] = file
            remaining -= len(file.content)
        elif isinstance(file, PdfContent):
            kept[file_id] = file.extract
    return kept


def share_tokens(
    turn: Turn, prepared: Mapping[str, PreparedFile], max_tokens: float
) -> Mapping[str, PreparedFile]:
    """What goes into a request of a turn's attachments; together they take at most `max_tokens`.

    Those that were sent first come first. A PDF that is too long becomes text, a text is truncated,
    and what has no room, or is a text without words, is left out.
    """
    shared: dict[str, PreparedFile] = {}
    remaining = max_tokens
    sent = (file.id for message in turn.messages for file in message.files)
    for file_id in (each for each in sent if each in prepared):
        file = prepared[file_id]
        if isinstance(file, PdfContent) and (file.tokens > remaining or file.pages > MAX_PDF_PAGES):
            file = file.extract
        if isinstance(file, TextContent):
            if not file.text.strip():
                continue
            file = file.truncated(remaining)
        if file_id not in shared and (isinstance(file, TextContent) or file.tokens <= remaining):
            shared[file_id] = file
            remaining -= file.tokens
    return shared
