import pytest

from slackbot.attachments import texts
from slackbot.attachments.failures import OutOfTimeError
from slackbot.attachments.media_parts import (
    AudioContent,
    ImageContent,
    PdfContent,
    PreparedFile,
    TextContent,
)
from slackbot.attachments.notices import FileOutcome, attachment_notices
from slackbot.conversation.attachment import MAX_FILES_PER_MESSAGE, Attachment
from slackbot.conversation.history import Turn, UserMessage
from slackbot.errors import AttachmentError

IMAGE = ImageContent(b"", "image/png", 64, 32)
TEXT = TextContent("a.txt", "abcd", 4)
CUT_TEXT = TextContent("a.txt", "a", 4)
PDF = PdfContent(b"", TextContent("a.pdf", "", 0), 60)
CUT_AUDIO = AudioContent(b"", "memo.m4a", 1_200, 3_600)


def notices(file: Attachment, outcome: FileOutcome, sent: PreparedFile | None = None) -> list[str]:
    turn = Turn((UserMessage("Ana", "look", files=(file,)),))
    media = {} if sent is None else {file.id: sent}
    return [*attachment_notices(turn, {file.id: outcome}, media)]


@pytest.mark.parametrize("sent", [IMAGE, TEXT, PDF])
def test_complete(sent: PreparedFile) -> None:
    """A file that the model gets in full has no notice."""
    assert notices(Attachment("F1", "a"), sent, sent) == []


@pytest.mark.parametrize(
    ("outcome", "sent", "notice"),
    [
        (TEXT, CUT_TEXT, "“a.b” is long: I read the first 25 % of it."),
        (CUT_AUDIO, CUT_AUDIO, "“a.b” is long: I listened to the first 20 minutes of it."),
        (IMAGE, None, "There was no room left for “a.b”."),
        (PDF, None, texts.SCAN_TOO_LARGE.format(name="a.b")),
        (AttachmentError("“a.b” is empty.", "empty"), None, "“a.b” is empty."),
    ],
)
def test_incomplete(outcome: FileOutcome, sent: PreparedFile | None, notice: str) -> None:
    """Each reason why the model does not get a file in full has a sentence of its own."""
    assert notices(Attachment("F1", "a.b"), outcome, sent) == [notice]


def test_transcript() -> None:
    """A transcript of a recording's beginning is a notice, and a complete one is none."""
    words = f"Hello.\n{texts.RECORDING_CONTINUES}"
    assert notices(Attachment("F1", "memo.m4a", words=words), None) == [
        "“memo.m4a” is long: I listened to the first 20 minutes of it."
    ]
    assert notices(Attachment("F1", "memo.m4a", words="Hello."), None) == []


def test_no_time() -> None:
    """The files for which there was no time share one sentence, which names the first five."""
    late = OutOfTimeError("Too late.", "no time left")
    files = tuple(Attachment(f"F{number}", f"{number}.txt") for number in range(7))
    for count, names in (
        (1, "“0.txt”"),
        (5, "“0.txt”, “1.txt”, “2.txt”, “3.txt”, “4.txt”"),
        (7, "“0.txt”, “1.txt”, “2.txt”, “3.txt”, “4.txt” and 2 more"),
    ):
        turn = Turn((UserMessage("Ana", "look", files=files[:count]),))
        outcomes = {file.id: late for file in files[:count]}
        assert [*attachment_notices(turn, outcomes, {})] == [
            f"I ran out of time before I could read {names}. Ask again, and I'll go on reading."
        ]


def test_too_many_files() -> None:
    """Files that were not selected are counted in one sentence."""
    files = tuple(Attachment(f"F{number}") for number in range(12))
    turn = Turn((UserMessage("Ana", "look", files=files),))
    selected = {file.id: TEXT for file in files[:MAX_FILES_PER_MESSAGE]}
    assert [*attachment_notices(turn, selected, selected)] == [
        "I read up to 10 files at a time, so I left out 2 more."
    ]
