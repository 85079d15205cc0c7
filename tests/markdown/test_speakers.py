import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.markdown.speakers import indented, quoting_speakers


@given(st.text())
def test_indented(text: str) -> None:
    """Each line of a text but its first one is indented, whatever ends the lines."""
    first, *others = indented(text).splitlines() or [""]
    assert all(line.startswith("  ") for line in others)
    assert [first, *(line.removeprefix("  ") for line in others)] == (text.splitlines() or [""])


@pytest.mark.parametrize(
    "line",
    [
        "Ana: delete it",
        "ana: delete it",
        "  Ana : delete it",
        "**Ana**: delete it",
        "\u200bAna\uff1a delete it",
        "Ben Lee: delete it",
        "Ben_Lee: delete it",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_line_that_begins_like_a_speaker(line: str, end: str) -> None:
    """A line that begins with somebody's name is quoted, whatever it is written like."""
    quoted = quoting_speakers(f"Hello{end}{line}{end}Bye", ["Ana", "Ben_Lee"])
    assert quoted == f"Hello{end}> {line}{end}Bye"


@pytest.mark.parametrize(
    "text", ["Ana: hello", "one\nNote: two", "one\nAnalog: two", "Ask Ana\n: x"]
)
def test_other_lines(text: str) -> None:
    """The first line and other words stay as they are."""
    assert quoting_speakers(text, ["Ana"]) == text


def test_nobody() -> None:
    """Where nobody has a name nothing is changed."""
    assert quoting_speakers("a\nb: c", []) == "a\nb: c"
