import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.media_parts import (
    MAX_ASPECT_RATIO,
    MAX_PATCHES,
    MAX_SIDE_PIXELS,
    MIN_SIDE_PIXELS,
    AudioContent,
    ImageContent,
    TextContent,
    count_patches,
    enlarge_factor,
    fit_size,
    pad_size,
)
from slackbot.markdown.fences import fenced

sides = st.integers(1, 30_000)


@given(sides, sides)
def test_fit_size(width: int, height: int) -> None:
    """The fitted size is within the limit, no larger than before, and unchanged if it fits."""
    fitted = fit_size(width, height)
    assert count_patches(*fitted) <= MAX_PATCHES
    assert fitted[0] <= width
    assert fitted[1] <= height
    if count_patches(width, height) <= MAX_PATCHES and max(width, height) <= MAX_SIDE_PIXELS:
        assert width * height > MAX_PATCHES * 32**2 or fitted == (width, height)


@given(sides, sides)
def test_least_size(width: int, height: int) -> None:
    """Every picture becomes one that all known servers take, and that is not scaled down."""
    width, height = fit_size(width, height)
    factor = enlarge_factor(width, height)
    width, height = pad_size(width * factor, height * factor)
    assert min(width, height) >= MIN_SIDE_PIXELS
    assert max(width, height) <= MAX_SIDE_PIXELS
    assert max(width, height) <= MAX_ASPECT_RATIO * min(width, height)
    assert count_patches(width, height) <= MAX_PATCHES


@pytest.mark.parametrize(
    ("size", "factor", "padded"),
    [
        ((8, 8), 4, (32, 32)),
        ((32, 32), 1, (32, 32)),
        ((64, 31), 2, (128, 62)),
        ((1, 100), 20, (32, 2_000)),
        ((8_000, 32), 1, (8_000, 80)),
    ],
)
def test_small_sizes(size: tuple[int, int], factor: int, padded: tuple[int, int]) -> None:
    """A small picture is enlarged by a whole factor; a narrow one gets a margin."""
    assert enlarge_factor(*size) == factor
    assert pad_size(size[0] * factor, size[1] * factor) == padded


def test_image_tokens() -> None:
    """OpenAI's own example has 1,024 squares, with 1.62 tokens each.

    https://platform.openai.com/docs/guides/images-vision#calculating-costs
    """
    assert ImageContent(b"", "image/png", 1024, 1024).tokens == 1_659


@given(st.text(max_size=2_000), st.integers(0, 3_000), st.integers(0, 700))
def test_truncated_text(text: str, unread: int, tokens: int) -> None:
    """A truncated text takes no more tokens than it may, and says how much of the whole it is."""
    whole = TextContent("a.txt", text, len(text.encode()) + unread)
    cut = whole.truncated(tokens)
    assert text.startswith(cut.text)
    assert cut.tokens <= max(tokens, TextContent("a.txt", "", whole.total_bytes).tokens)
    assert cut.is_complete == (cut.text == text and not unread)
    assert (cut.percent == 100) == cut.is_complete
    assert cut.truncated(tokens) == cut


@given(st.text())
def test_quoted_text(text: str) -> None:
    """A document can't close the tag around it, nor can its name."""
    quoted = TextContent('a".txt', text, len(text.encode(errors="replace"))).quoted
    assert quoted == fenced("file", "a'.txt", text.strip())


@pytest.mark.parametrize(
    ("seconds", "total_seconds", "is_complete", "tokens"),
    [(2.0, 2.0, True, 20), (2.04, 3.0, True, 21), (1_200.0, 3_600.0, False, 12_000)],
)
def test_audio(seconds: float, total_seconds: float, *, is_complete: bool, tokens: int) -> None:
    """A recording is complete if less than a second is missing, and takes 10 tokens a second."""
    audio = AudioContent(b"", "memo.m4a", seconds, total_seconds)
    assert (audio.is_complete, audio.tokens) == (is_complete, tokens)
