"""What people send with their text: files are fetched, made ready for the model, and budgeted.

`service.Attachments` is where to begin. It is not exported here, since the sandboxed process that
reads a file (`extraction`) imports this package as well, and has to start fast.
"""

from slackbot.attachments.media_parts import (
    AudioContent,
    ImageContent,
    MediaPart,
    PdfContent,
    PreparedFile,
    TextContent,
)

__all__ = [
    "AudioContent",
    "ImageContent",
    "MediaPart",
    "PdfContent",
    "PreparedFile",
    "TextContent",
]
