from slackbot.conversation.deltas import Delta, TokenUsage
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Answer, AudioRef


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
    usage = TokenUsage(prompt=10, completion=2, cached=8)
    assert draft(Delta("text", "a"), Delta("end"), Delta("usage", usage=usage)).usage == usage


def test_what_is_not_the_models() -> None:
    """Notes and quotations are no part of the answer; they stay when it is begun anew."""
    folded = draft(
        Delta("quote", "What?"),
        Delta("note", "Cut."),
        Delta("text", "no"),
        Delta("anew"),
        Delta("note", "Cut."),
        Delta("text", "yes"),
        Delta("end"),
    )
    assert folded.answer == Answer("yes")
    assert (folded.quotes, folded.notes) == (("What?",), ("Cut.",))


def test_what_is_said_aloud() -> None:
    """Sound is gathered; where the server keeps it may be told in two pieces, or not at all."""
    folded = draft(
        Delta("spoken", spoken=AudioRef("audio_1", 0)),
        Delta("text", "Ahoy"),
        Delta("sound", sound=b"ab"),
        Delta("sound", sound=b"cd"),
        Delta("spoken", spoken=AudioRef("", 7)),
        Delta("end"),
    )
    assert folded.sound == b"abcd"
    assert folded.answer == Answer("Ahoy", spoken=AudioRef("audio_1", 7))
    endless = draft(
        Delta("text", "a"), Delta("spoken", spoken=AudioRef("audio_1", 0)), Delta("end")
    )
    assert endless.answer == Answer("a")
