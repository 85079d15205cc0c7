"""What is said under an answer of the files that it was asked about: what was not read, and why."""

from collections.abc import Iterator, Mapping

from slackbot.attachments.media_parts import (
    LONGEST_CLIP,
    AudioContent,
    PdfContent,
    PreparedFile,
    TextContent,
)
from slackbot.conversation.attachment import FILES_OF_A_MESSAGE, Attachment
from slackbot.conversation.history import Turn
from slackbot.errors import AttachmentError

GOES_ON = "[The recording goes on.]"
"""Stands at the end of the words of a recording that was not heard to its end."""

CUT = "“{name}” is long: I read the first {percent} % of it."
LONG = "“{name}” is long: I listened to the first {minutes} minutes of it."
NO_ROOM = "There was no room left for “{name}”."
SCAN = "“{name}” holds no text, and I can't look at so many or so large pages."
LEFT_OUT = "I read {most} files at a time: {left} more were left out."


def remarks(
    turn: Turn,
    found: Mapping[str, PreparedFile | AttachmentError | None],
    sent: Mapping[str, PreparedFile],
) -> Iterator[str]:
    """A sentence for each file of the turn of which there is something to say.

    `found` is what came of those that were looked for, by their ids: None for the words of a
    recording, which the file itself holds. `sent` is what the model gets of them.
    """
    files = {file.id: file for said in turn.said for file in said.files}
    looked_for = [file for file in files.values() if file.id in found]
    for file in looked_for:
        came = found[file.id]
        if isinstance(came, AttachmentError):
            yield came.user_message
        else:
            yield from _about(file, came, sent.get(file.id))
    left = len(files) - len(looked_for)
    if left:
        yield LEFT_OUT.format(most=min(FILES_OF_A_MESSAGE, len(looked_for)), left=left)


def _about(
    file: Attachment, prepared: PreparedFile | None, sent: PreparedFile | None
) -> Iterator[str]:
    name = file.called or "a file"
    is_cut = isinstance(sent, AudioContent) and not sent.is_whole
    if is_cut or (prepared is None and file.words.endswith(GOES_ON)):
        yield LONG.format(name=name, minutes=LONGEST_CLIP // 60)
    elif isinstance(sent, TextContent) and not sent.is_whole:
        yield CUT.format(name=name, percent=sent.percent)
    elif isinstance(prepared, PdfContent) and sent is None:
        yield SCAN.format(name=name)
    elif prepared is not None and sent is None:
        yield NO_ROOM.format(name=name)
