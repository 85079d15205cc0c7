from slackbot.conversation import Answer
from slackbot.delta import Delta, Draft, Usage


def draft(*deltas: Delta) -> Draft:
    folded = Draft()
    for delta in deltas:
        folded.add(delta)
    return folded


def test_text_is_folded() -> None:
    """Pieces of text become one answer, which ends as the model said."""
    written = draft(Delta("text", "Hel"), Delta("text", "lo"), Delta("end", ending="length"))
    assert written.text == "Hello"
    assert written.answer == Answer("Hello", "length")


def test_no_end_is_broken() -> None:
    """An answer that never ended is kept as far as it came, as broken."""
    assert draft(Delta("text", "Hel")).answer == Answer("Hel", "broken")


def test_refusal() -> None:
    """The model's refusal is an answer, marked as one."""
    assert draft(Delta("refusal", "No."), Delta("end")).answer == Answer("", refusal="No.")


def test_blank_is_no_answer() -> None:
    """Nothing, or nothing but blanks, is no answer."""
    assert draft(Delta("text", " \n"), Delta("end")).answer is None


def test_usage() -> None:
    """What the server counted is kept beside the text."""
    usage = Usage(prompt=10, completion=2, cached=8)
    assert draft(Delta("text", "a"), Delta("end"), Delta("usage", usage=usage)).usage == usage
