from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.cache import RECHECK_SECONDS, UNUSED_SECONDS, AttachmentCache
from slackbot.attachments.media_parts import TextContent
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId

C1 = ChannelId("C1")

CAT = Attachment("F1", "cat.txt", "text/plain", 3)
TEXT = TextContent("cat.txt", "cat", 3)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_recent() -> None:
    """For a minute, a file is used without asking Slack, in the channel where it was found."""
    clock = Clock()
    cache = AttachmentCache(clock)
    cache.put(C1, CAT, TEXT)
    clock.now = RECHECK_SECONDS - 1
    kept = cache.get_recent(C1, "F1")
    assert kept is not None
    assert kept.prepared == TEXT
    assert cache.get_recent(ChannelId("C2"), "F1") is None
    clock.now = RECHECK_SECONDS
    assert cache.get_recent(C1, "F1") is None


def test_unchanged() -> None:
    """After that, a file that Slack describes as before is not fetched again."""
    clock = Clock()
    cache = AttachmentCache(clock)
    cache.put(C1, CAT, TEXT)
    clock.now = RECHECK_SECONDS + 1
    assert cache.get_unchanged(C1, Attachment("F1", "cat.txt", "text/plain", 4)) is None
    assert cache.get_unchanged(ChannelId("C2"), CAT) is None
    assert cache.get_unchanged(C1, CAT) == TEXT
    assert cache.get_recent(C1, "F1") is not None


def test_unused() -> None:
    """A file that nobody asks about is dropped after some minutes, counted from its last use."""
    clock = Clock()
    cache = AttachmentCache(clock)
    cache.put(C1, CAT, TEXT)
    clock.now = UNUSED_SECONDS - 1
    assert cache.get_unchanged(C1, CAT) == TEXT
    clock.now += UNUSED_SECONDS
    assert cache.get_unchanged(C1, CAT) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=40))
def test_max_bytes(files: list[tuple[int, int]]) -> None:
    """The files never take more than the limit, and the last one is kept."""
    cache = AttachmentCache(Clock(), max_bytes=100)
    for number, size in files:
        cache.put(C1, Attachment(f"F{number}"), TextContent("a", "a" * size, size))
        assert cache.get_recent(C1, f"F{number}") is not None
        kept = [cache.get_recent(C1, f"F{each}") for each in range(10)]
        texts = [each.prepared for each in kept if each is not None]
        assert sum(each.total_bytes for each in texts if isinstance(each, TextContent)) <= 100


def test_larger_than_the_cache() -> None:
    """A file that is larger than the whole cache is not kept, and pushes out no other."""
    cache = AttachmentCache(Clock(), max_bytes=100)
    cache.put(C1, CAT, TEXT)
    cache.put(C1, Attachment("F2"), TextContent("a", "a" * 101, 101))
    assert cache.get_recent(C1, "F2") is None
    assert cache.get_recent(C1, "F1") is not None


def test_last_used_stays() -> None:
    """The file that was used least recently makes room for a new one."""
    cache = AttachmentCache(Clock(), max_bytes=100)
    for name in ("F1", "F2"):
        cache.put(C1, Attachment(name), TextContent("a", "a" * 40, 40))
    assert cache.get_recent(C1, "F1") is not None
    cache.put(C1, Attachment("F3"), TextContent("a", "a" * 40, 40))
    kept = [name for name in ("F1", "F2", "F3") if cache.get_recent(C1, name) is not None]
    assert kept == ["F1", "F3"]
