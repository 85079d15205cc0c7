import pytest

from slackbot.attachments.failures import (
    CONTENT_FAILURE_SECONDS,
    PASSING_FAILURE_SECONDS,
    FailureMemory,
)
from slackbot.attachments.mimetypes import CANVAS_TYPE
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId
from slackbot.errors import AttachmentError

HERE = ChannelId("C1")
FILE, CANVAS = Attachment("F1", "a.pdf"), Attachment("F2", "Plan", CANVAS_TYPE)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def failed() -> AttachmentError:
    with pytest.raises(AttachmentError) as caught:
        raise AttachmentError("It is damaged.", "damaged")
    return caught.value


def test_content() -> None:
    """A file whose content can't be read is not read again for ten minutes."""
    clock = Clock()
    failures = FailureMemory(clock)
    failures.add_content(HERE, FILE, failed())
    clock.now = CONTENT_FAILURE_SECONDS - 1
    known = failures.get(HERE, "F1")
    assert known is not None
    assert (known.user_message, known.reason) == ("It is damaged.", "damaged")
    clock.now = CONTENT_FAILURE_SECONDS
    assert failures.get(HERE, "F1") is None


def test_what_may_pass() -> None:
    """A failed download, and a canvas that can't be read, are forgotten soon."""
    clock = Clock()
    failures = FailureMemory(clock)
    failures.add_download(HERE, FILE, failed())
    failures.add_content(HERE, CANVAS, failed())
    clock.now = PASSING_FAILURE_SECONDS - 1
    assert failures.get(HERE, "F1")
    assert failures.get(HERE, "F2")
    clock.now = PASSING_FAILURE_SECONDS
    assert failures.get(HERE, "F1") is None
    assert failures.get(HERE, "F2") is None


def test_other_channels() -> None:
    """A failure in one channel says nothing in another one."""
    failures = FailureMemory(Clock())
    failures.add_content(HERE, FILE, failed())
    assert failures.get(ChannelId("C2"), "F1") is None


def test_what_is_kept() -> None:
    """No traceback is kept: its frames would keep the file's content."""
    failures = FailureMemory(Clock())
    failures.add_content(HERE, FILE, failed())
    known = failures.get(HERE, "F1")
    assert known is not None
    assert known.__traceback__ is None
