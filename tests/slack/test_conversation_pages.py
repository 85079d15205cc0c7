"""Lists that Slack gives page by page."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.conversation_pages import MAX_PAGES, MessagePage, PageCursor, read_pages

cursors = st.none() | st.sampled_from(["", "a", "b", "c", "d"])


@given(st.dictionaries(st.none() | st.sampled_from(["a", "b", "c", "d"]), cursors))
def test_pages_in_any_order(following: Mapping[str | None, str | None]) -> None:
    """Whatever page each names as the next one, none is read twice."""
    cursor, read = PageCursor(), list[str | None]()
    while True:
        read.append(cursor.value)
        if not cursor.advance(following.get(cursor.value)):
            break
    assert len(read) == len({*read})


def test_pages_without_end() -> None:
    """A list whose cursor is always a new one ends too."""
    cursor, number = PageCursor(), 1
    while cursor.advance(f"page {number}"):
        number += 1
    assert number == MAX_PAGES


async def test_whether_all_pages_were_read() -> None:
    """They were not if the last one that was read names another one."""

    async def read_page(cursor: str | None) -> MessagePage:
        number = int(cursor or 0)
        return MessagePage([{"ts": f"{number}"}], f"{number + 1}" if number < 2 else None)

    async def circle(cursor: str | None) -> MessagePage:
        return MessagePage([{"ts": "1"}], "b" if cursor == "a" else "a")

    for most, count, is_whole in ((2, 2, False), (3, 3, True), (9, 3, True)):
        entries, all_read = await read_pages(read_page, most)
        assert (len(entries), all_read) == (count, is_whole)
    entries, all_read = await read_pages(circle)
    assert (len(entries), all_read) == (3, False)
