"""Notices below an answer about the files of its question: what was not read, and why."""

from collections.abc import Iterator, Mapping, Sequence

from slackbot.attachments import texts
from slackbot.attachments.failures import OutOfTimeError
from slackbot.attachments.media_parts import (
    MAX_AUDIO_SECONDS,
    AudioContent,
    PdfContent,
    PreparedFile,
    TextContent,
)
from slackbot.conversation.attachment import MAX_FILES_PER_MESSAGE, Attachment
from slackbot.conversation.history import Turn
from slackbot.errors import AttachmentError

MAX_LISTED_NAMES = 5
"""In one sentence."""

FileOutcome = PreparedFile | AttachmentError | None
"""What became of a file that was selected; None for a recording whose transcript it holds."""


def attachment_notices(
    turn: Turn, outcomes: Mapping[str, FileOutcome], sent: Mapping[str, PreparedFile]
) -> Iterator[str]:
    """A sentence for each file of the turn that the model did not get in full.

    `outcomes` holds the selected files by id, `sent` what the model gets of them.
    """
    files = {file.id: file for message in turn.messages for file in message.files}
    selected = [file for file in files.values() if file.id in outcomes]
    late = [file for file in selected if isinstance(outcomes[file.id], OutOfTimeError)]
    if late:
        yield texts.OUT_OF_TIME.format(names=_listed(late))
    for file in selected:
        outcome = outcomes[file.id]
        if isinstance(outcome, OutOfTimeError):
            continue
        if isinstance(outcome, AttachmentError):
            yield outcome.user_message
        else:
            yield from _notice(file, outcome, sent.get(file.id))
    left_out = len(files) - len(selected)
    if left_out:
        limit = min(MAX_FILES_PER_MESSAGE, len(selected))
        yield texts.FILES_LEFT_OUT.format(limit=limit, count=left_out)


def _listed(files: Sequence[Attachment]) -> str:
    names = [texts.quoted_name(file.display_name) for file in files]
    listed = ", ".join(names[:MAX_LISTED_NAMES])
    more = len(names) - MAX_LISTED_NAMES
    return texts.MORE_FILES.format(names=listed, count=more) if more > 0 else listed


def _notice(
    file: Attachment, prepared: PreparedFile | None, sent: PreparedFile | None
) -> Iterator[str]:
    name = file.display_name or texts.UNNAMED
    truncated_audio = isinstance(sent, AudioContent) and not sent.is_complete
    if truncated_audio or (prepared is None and file.words.endswith(texts.RECORDING_CONTINUES)):
        yield texts.RECORDING_TRUNCATED.format(name=name, minutes=MAX_AUDIO_SECONDS // 60)
    elif isinstance(sent, TextContent) and not sent.is_complete:
        yield texts.TEXT_TRUNCATED.format(name=name, percent=sent.percent)
    elif isinstance(prepared, PdfContent) and sent is None:
        yield texts.SCAN_TOO_LARGE.format(name=name)
    elif prepared is not None and sent is None:
        yield texts.NO_ROOM.format(name=name)
