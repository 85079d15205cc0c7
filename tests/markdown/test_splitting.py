import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.markdown.block_count import PageLimits
from slackbot.markdown.escaping import escape_mentions
from slackbot.markdown.rendering import to_slack
from slackbot.markdown.splitting import MAX_PAGE_CHARACTERS, PageSplitter, split_pages

LIMIT = 100
LONG = 200_000

FENCES = st.sampled_from(["```", "````", "~~~", "```py", "\n```\n", "\n```py\n", "`"])
BLANKS = st.sampled_from([" ", "    ", "\n", "\n\n", "\r\n"])
TEXTS = st.sampled_from(["word", "a" * 30, "b" * 120, "é", "👩\u200d👩\u200d👧", "- ", "|", "\\"])
PINGS = st.sampled_from(["@here ", "<!channel>", "&lt;", "<"])
WRITTEN = st.lists(FENCES | BLANKS | TEXTS | PINGS, max_size=60).map("".join)
WORDS = st.lists(st.sampled_from(["one", "two", "three", "@here", "x" * 20]), min_size=1).map(
    " ".join
)
CODE = st.lists(st.sampled_from(["x = 1", "    y = 2", "", "~~~", "``"]), min_size=1).map("\n".join)
BLOCKS = st.lists(WORDS | CODE.map(lambda code: f"```py\n{code}\n```"), min_size=1)


def lines(markdown: str) -> list[str]:
    """The lines of the text, each with the fence around it."""
    found, fence = [], ""
    for line in markdown.splitlines():
        if line.startswith("```"):
            fence = "" if fence else line
        elif line.strip():
            found.append(f"{fence} {line}")
    return found


@pytest.mark.parametrize("text", ["", " ", "\n \n", "\n" * LONG])
def test_blank(text: str) -> None:
    """Blank text has no page."""
    assert split_pages(text) == []


def test_one_page() -> None:
    """Text within the limit is one page."""
    text = "# Title\n\n" + "word " * 2000 + "end"
    assert split_pages(text) == [text]


def test_a_page_fits_slack() -> None:
    """A page takes what Slack's block of 12,000 characters holds, but for 500 that its preview may
    need to close what is open.

    https://docs.slack.dev/reference/block-kit/blocks/markdown-block
    """
    first, *_ = split_pages("word " * 5_000)
    assert 11_400 < len(first) <= 11_500


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("a" * 50 + " a\n\n" + "b b\n" * 30, ["a" * 50 + " a"]),
        ("a" * 50 + " a\n" + "b " * 40, ["a" * 50 + " a"]),
        ("a" * 50 + " " + "b" * 90, ["a" * 50]),
        ("a\n\nb\n" + "c" * 90, ["a"]),
        ("a" * 300, ["a" * 79] * 3),
    ],
)
def test_where_it_splits(text: str, ends: list[str]) -> None:
    """A page ends after a paragraph, else a line, else a word, else anywhere, and if possible in
    its second half.
    """
    assert split_pages(text, LIMIT)[: len(ends)] == ends


def test_indentation_stays() -> None:
    """The first line of a page keeps its indentation; only an inner list loses what would make it
    code, as its outer item is on the page before.
    """
    assert split_pages("- " + "a" * 60 + "\n\n   - " + "b" * 60, LIMIT)[1] == "   - " + "b" * 60
    assert split_pages("- " + "a" * 60 + "\n\n    - " + "b" * 60, LIMIT)[1] == "- " + "b" * 60
    code = split_pages("    x = 1\n" * 60, LIMIT)
    assert len(code) > 2
    assert all(page.startswith("    x = 1\n") for page in code)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("<" * 200, "<" * 39),
        ("X" + "<" * 200, "X" + "<" * 39),
        ("<" + "X" * 200, "<" + "X" * 77),
        ("X" * 75 + "@" * 200, "X" * 75 + "@@"),
    ],
)
def test_signs_count_twice(text: str, first: str) -> None:
    """A sign that may become longer by escaping takes the room of two characters, and no page ends
    before its room is used: the limit, without what a closing fence may need.
    """
    assert split_pages(text, LIMIT)[0] == first


@pytest.mark.parametrize(
    ("opening", "mark"), [("```python", "```"), ("  ~~~~ sql", "~~~~"), ("`````", "`````")]
)
def test_fence_goes_on(opening: str, mark: str) -> None:
    """A fence is closed at the end of a page and opened again by its own line on the next."""
    code = [f"line_{number}" for number in range(30)]
    shown = split_pages("\n".join(["Look:", "", opening, "```c", *code, mark, "", "Done."]), LIMIT)
    assert shown[0].startswith(f"Look:\n\n{opening}\n```c\nline_0\n")
    assert len(shown) > 2
    for before, after in pairwise(shown):
        assert before.endswith(f"\n{mark}")
        assert after.startswith(f"{opening}\nline_")
    assert shown[-1].endswith(f"{mark}\n\nDone.")


def test_fence_that_ends_at_the_split() -> None:
    """A fence whose closing line follows right after a split is not opened again."""
    text = "```\n" + "x" * 74 + "\n```"
    assert split_pages(text, LIMIT) == [text]
    assert split_pages(f"{text}\n\nMore.", LIMIT) == [text, "More."]


def test_fence_lines_too_long() -> None:
    """A long first line of a fence is not repeated, and a long row of backticks is no fence."""
    first, second, *_ = split_pages("```" + "i" * 60 + "\n" + "code\n" * 20, LIMIT)
    assert first.endswith("\n```")
    assert second.startswith("```\ncode\n")
    assert "".join(split_pages("`" * 300, LIMIT)) == "`" * 300


def test_a_quarter_of_a_page_repeats_the_fence() -> None:
    """The first line of a fence is repeated if it takes a quarter of the page at most."""
    for info, repeated in (("i" * 22, True), ("i" * 23, False)):
        _, second, *_ = split_pages(f"```{info}\n" + "code\n" * 60, LIMIT)
        assert second.startswith(f"```{info}\n" if repeated else "```\n")


def test_line_ends_of_windows() -> None:
    """Text with CRLF line ends splits between its lines, and its fences are recognised."""
    shown = split_pages("```py\r\n" + "x = 1\r\n" * 30 + "```\r\n", LIMIT)
    assert len(shown) > 2
    assert all(page.startswith("```py\n") for page in shown[1:])
    assert lines("\n".join(shown)) == ["```py x = 1"] * 30


@pytest.mark.parametrize(
    "grapheme", ["👩‍👩‍👧‍👦", "👍🏽", "👍🏻", "👍🏿", "e\u0301\u0302", "❤️", "नि"]
)
def test_graphemes_stay_whole(grapheme: str) -> None:
    """No cut parts characters that show as one."""
    for before in range(len(grapheme)):
        shown = split_pages("a" * before + grapheme * 60, LIMIT)
        assert "".join(shown) == "a" * before + grapheme * 60
        assert all(page.startswith(grapheme) for page in shown[1:])


@settings(deadline=None)
@given(WRITTEN, st.integers(100, 160))
def test_limit(text: str, limit: int) -> None:
    """No page is longer than the limit once mentions in it are escaped, and none is blank."""
    for page in split_pages(text, limit):
        assert page.strip()
        assert len(escape_mentions(page)) <= limit


@settings(deadline=None)
@given(WRITTEN, st.data())
def test_closed_pages_stay(text: str, data: st.DataObject) -> None:
    """While text grows, every page but the last stays exactly as it was."""
    grown = split_pages(text, LIMIT)
    for end in data.draw(st.lists(st.integers(0, len(text)), max_size=20)):
        closed = split_pages(text[:end], LIMIT)[:-1]
        assert closed == grown[: len(closed)]


@settings(deadline=None)
@given(st.lists(WRITTEN, min_size=1, max_size=4), st.data())
def test_splits_again(texts: list[str], data: st.DataObject) -> None:
    """A splitter gives the same pages as a split from the start, for a text that grows, shrinks or
    becomes another.
    """
    splitter = PageSplitter(PageLimits(LIMIT))
    for text in texts:
        for end in data.draw(st.lists(st.integers(0, len(text)), max_size=20)):
            assert splitter.split(text[:end]) == split_pages(text[:end], LIMIT)
        assert splitter.split(text) == split_pages(text, LIMIT)


@settings(deadline=None)
@given(WRITTEN.map(lambda text: re.sub(r"`{3,}|~{3,}|\|", "", text)))
def test_nothing_lost(text: str) -> None:
    """The pages are the whole text, except for white space."""
    assert "".join("".join(split_pages(text, LIMIT)).split()) == "".join(text.split())


@settings(deadline=None)
@given(BLOCKS)
def test_no_code_lost(blocks: list[str]) -> None:
    """Each line of code stays in its fence, and each line of text outside."""
    text = "\n\n".join(blocks)
    shown = "\n".join(line for page in split_pages(text, 200) for line in lines(page))
    assert shown.split() == "\n".join(lines(text)).split()


@pytest.mark.parametrize(
    "units",
    [
        ["a", "a ", "a\n", "   x\n", " ", "\n", "\r\n", "\u200d", "e\u0301"],
        ["```\n", "```", "~", "~~~\n```\n", "<!channel>", "@here ", "&", "[](", "\\"],
    ],
)
def test_long_text(units: list[str]) -> None:
    """The time grows with the length of the text, and each page keeps to the limit."""
    for unit in units:
        text = unit * (LONG // len(unit))
        assert all(len(escape_mentions(page)) <= MAX_PAGE_CHARACTERS for page in split_pages(text))


@pytest.mark.parametrize("unit", ["**重要。**下", "见https://x.org，", "*。*下", "> **重。**下\n"])
def test_help_for_emphasis_has_room(unit: str) -> None:
    """A page keeps to its limit with all that is added next to Chinese text."""
    for page in split_pages(unit * 3_000):
        assert len(to_slack(page)) <= MAX_PAGE_CHARACTERS


def test_long_text_that_grows() -> None:
    """A splitter takes time for what is new, not for the whole text again."""
    text = "word\n" * (LONG // 5)
    splitter = PageSplitter()
    for end in range(0, LONG, 50):
        splitter.split(text[:end])
    assert splitter.split(text) == split_pages(text)
