from hypothesis import assume, example, given
from hypothesis import strategies as st

from slackbot.markdown.notes import MAX_QUOTE_CHARACTERS, strip_notes, with_notes, with_quotes


@given(st.lists(st.text(), max_size=3), st.text(min_size=1), st.lists(st.just("Cut."), max_size=2))
@example([""], " ", [])
def test_strip_notes(transcripts: list[str], answer: str, notes: list[str]) -> None:
    """Taking notes and quotes off gives the answer as it was, except for white space."""
    assume("⚠️ _" not in answer and not answer.lstrip().startswith(">"))
    assume(all(not each.startswith("> ") and "⚠️ _" not in each for each in transcripts))
    shown = with_notes(with_quotes(transcripts, answer.strip()), *notes)
    assert strip_notes(shown).strip() == answer.strip()


def test_a_long_quote() -> None:
    """Only the beginning of a long transcript is quoted."""
    shown = with_quotes(["word " * 1_000], "Aye.")
    assert shown.startswith("> 🎤 word word")
    assert shown.endswith("word…\n\nAye.")
    assert len(shown) < MAX_QUOTE_CHARACTERS + 20
