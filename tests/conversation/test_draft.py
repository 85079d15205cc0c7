"""Deltas folded into a draft: what becomes of the text, the tools, and what stands around it."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.deltas import (
    ApprovalRequestDelta,
    ApprovalResponseDelta,
    AudioDelta,
    AudioRefDelta,
    Delta,
    FinishDelta,
    NoteDelta,
    QuoteDelta,
    RefusalDelta,
    RetractDelta,
    RetryDelta,
    SourceDelta,
    TextDelta,
    TokenUsage,
    ToolCallDelta,
    ToolResultDelta,
    ToolRoundDelta,
    UsageDelta,
    WebSearchDelta,
)
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import NOT_RUN, Answer, AudioRef, ToolCall, ToolRound
from slackbot.markdown.unicode import to_well_formed

ADD = ToolCall("1", "add")
SINK = ToolCall("2", "sink")


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


def test_half_a_character() -> None:
    """The first half of a surrogate pair waits for the other one."""
    folded = draft(TextDelta("Ahoy \ud83c"))
    assert folded.text == "Ahoy "
    folded.add(TextDelta("\udff4"))
    assert folded.text == "Ahoy 🏴"


@given(st.lists(st.text(st.sampled_from("ab\ud83c\udff4"), max_size=5)))
def test_text_is_well_formed(pieces: list[str]) -> None:
    """However the text is cut, it is well formed after each piece."""
    folded = Draft()
    for number, piece in enumerate(pieces):
        folded.add(TextDelta(piece))
        text = "".join(pieces[: number + 1])
        assert folded.text == to_well_formed(text.rstrip("\ud83c"))


def test_no_end_is_broken() -> None:
    """An answer that never ended is kept as far as it came, as broken."""
    assert draft(TextDelta("Hel")).answer == Answer("Hel", "broken")


def test_another_finish_reason() -> None:
    """A copy may end otherwise; the draft itself is not changed."""
    written = draft(TextDelta("Hel"))
    assert written.finished_as("stopped").answer == Answer("Hel", "stopped")
    assert written.answer == Answer("Hel", "broken")


def test_refusal() -> None:
    """The model's refusal is an answer, marked as one."""
    assert draft(RefusalDelta("No."), FinishDelta()).answer == Answer("", refusal="No.")


def test_blank_is_no_answer() -> None:
    """Nothing, or nothing but blanks, is no answer."""
    assert draft(TextDelta(" \n"), FinishDelta()).answer is None


def test_usage() -> None:
    """The server's usage is kept with the draft."""
    usage = TokenUsage(prompt=10, completion=2, cached=8)
    assert draft(TextDelta("a"), FinishDelta(), UsageDelta(usage)).usage == usage


def test_what_is_not_the_models() -> None:
    """Notes and quotes are not part of the answer; they stay when the model is asked again."""
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


def test_a_thought_is_dropped() -> None:
    """A text that turns out to be a thought is no part of the answer; what tools and notes there
    are stays.
    """
    calls = (ToolCall("1", "add"),)
    folded = draft(
        TextDelta("Wait."),
        ToolRoundDelta(calls),
        NoteDelta("Cut."),
        TextDelta("Hm."),
        RetractDelta(),
        TextDelta("yes"),
        FinishDelta(),
    )
    assert folded.answer == Answer("yes")
    assert folded.visible_text == "Wait.\n\nyes"
    assert (folded.tool_rounds[0].calls, folded.notes) == (calls, ("Cut.",))


def test_what_is_said_aloud() -> None:
    """Audio is gathered; where the server keeps it may come in two pieces, or not at all."""
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
    nameless = draft(TextDelta("a"), AudioRefDelta(AudioRef("", 7)), FinishDelta())
    assert nameless.answer == Answer("a")


def test_a_round_of_tools() -> None:
    """A round takes what was written before it; what comes after it is the answer."""
    folded = draft(TextDelta("Wait."), FinishDelta(), ToolRoundDelta((ADD, SINK)))
    assert folded.tools_in_use == (ADD, SINK)
    assert (folded.text, folded.finish_reason, folded.answer) == ("", "broken", None)
    folded.add(ToolResultDelta("1", "3"))
    assert folded.tool_rounds == (ToolRound("Wait.", (ADD, SINK), {"1": "3"}),)
    folded.add(TextDelta("It is 3."))
    assert not folded.tools_in_use
    assert folded.answer == Answer("It is 3.", "broken")
    assert folded.visible_text == "Wait.\n\nIt is 3."


def test_pieces_of_calls() -> None:
    """They change nothing: the agent puts them together into a round."""
    folded = draft(TextDelta("Wait."), ToolCallDelta(0, "1", "add", "{}"))
    assert (folded.text, folded.tool_rounds) == ("Wait.", ())


def test_tools_that_were_not_run() -> None:
    """A call counts as used unless it was not run, or waits for approval."""
    folded = draft(ToolRoundDelta((ADD, SINK)), ToolResultDelta("1", f"{NOT_RUN}, sorry."))
    assert [*folded.used_tools] == [SINK]
    asking = ApprovalRequestDelta(SINK, "question")
    folded.add(asking)
    assert folded.asking == asking
    assert [*folded.used_tools] == []
    folded.add(ApprovalResponseDelta())
    assert folded.asking is None
    assert [*folded.used_tools] == [SINK]


def test_a_search_of_the_web() -> None:
    """The search is over when the model writes; a source has the title that it was given last."""
    folded = draft(WebSearchDelta())
    assert folded.searching
    folded.add(SourceDelta("https://example.com", "A page"))
    assert folded.searching
    folded.add(TextDelta("So it is."))
    assert not folded.searching
    assert folded.sources == {"https://example.com": "A page"}


def test_sources_of_an_answer_that_broke_off() -> None:
    """They go with it; those from before the last tools stay."""
    folded = draft(
        SourceDelta("https://example.com/1"),
        ToolRoundDelta((ADD,)),
        SourceDelta("https://example.com/2"),
        RetryDelta(),
    )
    assert folded.sources == {"https://example.com/1": ""}


def test_a_round_after_a_round() -> None:
    """Each round of tools follows those before it, and a search of the web ends with its round."""
    folded = draft(TextDelta("One."), ToolRoundDelta((ADD,)), WebSearchDelta(), TextDelta("Two."))
    folded.add(WebSearchDelta())
    folded.add(ToolRoundDelta((SINK,)))
    assert folded.tool_rounds == (ToolRound("One.", (ADD,)), ToolRound("Two.", (SINK,)))
    assert not folded.searching
