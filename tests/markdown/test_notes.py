import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from slackbot.markdown.notes import MAX_QUOTE_CHARACTERS, strip_notes, with_notes, with_quotes


@given(st.lists(st.text(), max_size=3), st.text(min_size=1), st.lists(st.just("Cut."), max_size=2))
@example([""], " ", [])
def test_strip_notes(transcripts: list[str], answer: str, notes: list[str]) -> None:
    """Taking notes and quotes off gives the answer as it was, except for white space."""
    assume(not re.match("> ?(🎤|:microphone:)", answer.lstrip()))
    assume(not re.search("(⚠|:warning:)[^\n]*\\Z", answer.rstrip()))
    assume(all(not each.startswith("> ") and "⚠" not in each for each in transcripts))
    shown = with_notes(with_quotes(transcripts, answer.strip()), *notes)
    assert strip_notes(shown).strip() == answer.strip()


def test_a_long_quote() -> None:
    """Only the beginning of a long transcript is quoted."""
    shown = with_quotes(["word " * 1_000], "Aye.")
    assert shown.startswith("> 🎤 word word")
    assert shown.endswith("word…\n\nAye.")
    assert len(shown) < MAX_QUOTE_CHARACTERS + 20


def test_a_note_is_a_paragraph_of_its_own() -> None:
    """Notes stand below the answer, one paragraph each, or alone if there is no answer."""
    assert with_notes("Aye.\n\n", "Cut.", "Late.") == "Aye.\n\n⚠️ _Cut._\n\n⚠️ _Late._"
    assert with_notes("", "Cut.") == "⚠️ _Cut._"
    assert strip_notes(with_notes("Aye.", "Cut.")) == "Aye."


def test_a_quote_is_one_block() -> None:
    """Each transcript is one block quote above the answer, without blank lines, which would end it;
    without transcripts the answer stays as it is.
    """
    assert with_quotes(["one\n\n two", "three"], "Aye.") == "> 🎤 one\n>  two\n\n> 🎤 three\n\nAye."
    assert with_quotes(["one"], "") == "> 🎤 one"
    assert with_quotes([], " Aye.\n") == " Aye.\n"
    assert strip_notes("> 🎤 one\n\n\n Aye.") == "Aye."


def test_a_quote_that_just_fits() -> None:
    """A transcript of 1,000 characters is quoted whole, one of a character more is cut."""
    fits = "x" * 1_000
    assert with_quotes([fits], "") == f"> 🎤 {fits}"
    assert with_quotes([f"{fits}x"], "") == f"> 🎤 {fits}…"


@pytest.mark.parametrize(
    "answer",
    [
        "⚠️ _Careful:_ this deletes data.\n\nFirst, make a copy.",
        "The bot writes `⚠️ _Stopped here._` below.\n\nAnd that is all.",
        "One.\n\n⚠️ _A warning of the model's._\n\nTwo.",
        "One\n⚠️ _in the same paragraph._",
    ],
)
def test_an_answer_with_the_signs_of_a_note(answer: str) -> None:
    """What looks like a note, but is not at the end, belongs to the answer."""
    assert strip_notes(answer) == answer
    assert strip_notes(with_notes(answer, "Cut.")) == answer


@pytest.mark.parametrize("sign", ["⚠️", "⚠", ":warning:"])
def test_a_note_as_slack_gives_it(sign: str) -> None:
    """Slack may give an emoji by its name, or without its variant."""
    assert strip_notes(f"Aye.\n\n{sign} _Stopped here._") == "Aye."
    assert strip_notes("> :microphone: one\n\nAye.") == "Aye."
