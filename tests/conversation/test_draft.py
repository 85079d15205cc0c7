from slackbot.conversation.deltas import (
    AudioDelta,
    AudioRefDelta,
    Delta,
    FinishDelta,
    NoteDelta,
    QuoteDelta,
    RefusalDelta,
    RetryDelta,
    TextDelta,
    TokenUsage,
    UsageDelta,
)
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Answer, AudioRef


def draft(*deltas: Delta) -> Draft:
    folded = Draft()
    for delta in deltas:
        folded.add(delta)
    return folded


def test_text_is_folded() -> None:
    """Pieces of text become one answer, which ends as the model said."""
    written = draft(TextDelta("Hel"), TextDelta("lo"), FinishDelta("length"))
    assert written.text == "Hello"
    assert written.answer == Answer("Hello", "length")


def test_no_end_is_broken() -> None:
    """An answer that never ended is kept as far as it came, as broken."""
    assert draft(TextDelta("Hel")).answer == Answer("Hel", "broken")


def test_refusal() -> None:
    """The model's refusal is an answer, marked as one."""
    assert draft(RefusalDelta("No."), FinishDelta()).answer == Answer("", refusal="No.")


def test_blank_is_no_answer() -> None:
    """Nothing, or nothing but blanks, is no answer."""
    assert draft(TextDelta(" \n"), FinishDelta()).answer is None


def test_usage() -> None:
    """What the server counted is kept beside the text."""
    usage = TokenUsage(prompt=10, completion=2, cached=8)
    assert draft(TextDelta("a"), FinishDelta(), UsageDelta(usage)).usage == usage


def test_what_is_not_the_models() -> None:
    """Notes and quotations are no part of the answer; they stay when it is begun anew."""
    folded = draft(
        QuoteDelta("What?"),
        NoteDelta("Cut."),
        TextDelta("no"),
        RetryDelta(),
        NoteDelta("Cut."),
        TextDelta("yes"),
        FinishDelta(),
    )
    assert folded.answer == Answer("yes")
    assert (folded.quotes, folded.notes) == (("What?",), ("Cut.",))


def test_what_is_said_aloud() -> None:
    """Sound is gathered; where the server keeps it may be told in two pieces, or not at all."""
    folded = draft(
        AudioRefDelta(AudioRef("audio_1", 0)),
        TextDelta("Ahoy"),
        AudioDelta(b"ab"),
        AudioDelta(b"cd"),
        AudioRefDelta(AudioRef("", 7)),
        FinishDelta(),
    )
    assert folded.audio == b"abcd"
    assert folded.answer == Answer("Ahoy", spoken=AudioRef("audio_1", 7))
    endless = draft(TextDelta("a"), AudioRefDelta(AudioRef("audio_1", 0)), FinishDelta())
    assert endless.answer == Answer("a")
