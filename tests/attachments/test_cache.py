"""What is kept of files for a while, by a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.cache import FRESH, LASTS, AttachmentCache
from slackbot.attachments.media_parts import TextContent
from slackbot.conversation.attachment import Attachment

CAT = Attachment("F1", "cat.txt", "text/plain", 3)
TEXT = TextContent("cat.txt", "cat", 3)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minute() -> None:
    """For a minute a file is taken to be where it was, in the channel where that was."""
    clock = Clock()
    cache = AttachmentCache(clock)
    cache.keep("C1", CAT, TEXT)
    clock.now = FRESH - 1
    kept = cache.fresh("C1", "F1")
    assert kept is not None
    assert kept.prepared == TEXT
    assert cache.fresh("C2", "F1") is None
    clock.now = FRESH
    assert cache.fresh("C1", "F1") is None


def test_what_has_not_changed() -> None:
    """After that Slack is asked, and what it describes as before need not be fetched again."""
    clock = Clock()
    cache = AttachmentCache(clock)
    cache.keep("C1", CAT, TEXT)
    clock.now = FRESH + 1
    assert cache.unchanged("C1", Attachment("F1", "cat.txt", "text/plain", 4)) is None
    assert cache.unchanged("C2", CAT) is None
    assert cache.unchanged("C1", CAT) == TEXT
    assert cache.fresh("C1", "F1") is not None


def test_what_nobody_asks_for() -> None:
    """It goes after some minutes."""
    clock = Clock()
    cache = AttachmentCache(clock)
    cache.keep("C1", CAT, TEXT)
    clock.now = LASTS
    assert cache.unchanged("C1", CAT) == TEXT
    clock.now += LASTS + 1
    assert cache.unchanged("C1", CAT) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=40))
def test_its_room(files: list[tuple[int, int]]) -> None:
    """No more is kept than there is room for; what was kept last stays, if it fits."""
    cache = AttachmentCache(Clock(), room=100)
    for number, size in files:
        cache.keep("C1", Attachment(f"F{number}"), TextContent("a", "a" * size, size))
        assert cache.fresh("C1", f"F{number}") is not None
        kept = [cache.fresh("C1", f"F{each}") for each in range(10)]
        texts = [each.prepared for each in kept if each is not None]
        assert sum(each.size for each in texts if isinstance(each, TextContent)) <= 100
