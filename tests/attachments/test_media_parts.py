from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.media_parts import (
    MOST_PATCHES,
    ImageContent,
    TextContent,
    fitting,
    patches,
)

sides = st.integers(1, 30_000)


@given(sides, sides)
def test_a_fitting_size(width: int, height: int) -> None:
    """It is the largest of the same shape that the server takes as it is."""
    fitted = fitting(width, height)
    assert patches(*fitted) <= MOST_PATCHES
    assert fitted[0] <= width
    assert fitted[1] <= height
    if patches(width, height) <= MOST_PATCHES:
        assert width * height > MOST_PATCHES * 32**2 or fitted == (width, height)


def test_a_picture_of_a_known_price() -> None:
    """https://platform.openai.com/docs/guides/images-vision: 1,024 squares, 1.62 tokens each."""
    assert ImageContent(b"", "image/png", 1024, 1024).tokens == 1_659


@given(st.text(max_size=2_000), st.integers(0, 3_000), st.integers(0, 700))
def test_a_text_that_is_cut(text: str, unread: int, tokens: int) -> None:
    """It costs no more than it may, begins as the whole does, and says how much of that it is."""
    whole = TextContent("a.txt", text, len(text.encode()) + unread)
    cut = whole.cut(tokens)
    assert text.startswith(cut.text)
    assert cut.tokens <= max(tokens, TextContent("a.txt", "", whole.size).tokens)
    assert cut.is_whole == (cut.text == text and not unread)
    assert (cut.percent == 100) == cut.is_whole
    assert cut.cut(tokens) == cut


@given(st.text())
def test_nobody_ends_a_quotation(text: str) -> None:
    """Whatever a document holds, what is quoted of it has one end."""
    quoted = TextContent('a".txt', text, len(text.encode(errors="replace"))).quoted
    assert quoted.count("</file>") == 1
    assert quoted.endswith("</file>")
