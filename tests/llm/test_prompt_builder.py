"""A request holds what fits its budget, and begins as the one before it."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.media_parts import ImageContent
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.history import (
    Answer,
    AudioRef,
    Conversation,
    ToolCall,
    ToolRound,
    Turn,
    UserMessage,
)
from slackbot.llm import prompt_builder
from slackbot.llm.prompt_builder import PromptInputs, build_prompt
from slackbot.llm.tool_calls import ToolDefinition
from tests.conversation.strategies import turns

TURN = Turn((UserMessage("Ana", "q" * 500),), Answer("a" * 500))
OPEN = Turn((UserMessage("Ana", "and now?"),))


def conversation(turns: int) -> Conversation:
    return Conversation((*[TURN] * turns, OPEN))


def test_shape() -> None:
    """The developer message comes first, then people by name and the model's own answers."""
    fitted = build_prompt(PromptInputs(conversation(1), "Speak like a pirate."), 10_000)
    assert [message.role for message in fitted.messages] == [
        "developer",
        "user",
        "assistant",
        "user",
    ]
    assert fitted.messages[0].content.startswith("Speak like a pirate.\n\n")
    assert prompt_builder.HOUSE_RULES in fitted.messages[0].content
    assert [message.name for message in fitted.messages] == ["", "Ana", "", "Ana"]


def test_history_is_only_appended_to() -> None:
    """While all fits, each request begins with the whole one before it."""
    before = build_prompt(PromptInputs(conversation(3), "x"), 100_000).messages
    talk = conversation(3).answered(Answer("so"), ()).add(OPEN)
    after = build_prompt(PromptInputs(talk, "x"), 100_000).messages
    assert after[: len(before)] == before


def test_cut_in_bulk() -> None:
    """A history that does not fit is cut down to 60 %, and the cut stays for many turns."""
    talk = conversation(0)
    starts = []
    for _ in range(60):
        fitted = build_prompt(PromptInputs(talk, "x"), 5_000)
        assert fitted.size * talk.tokens_per_byte <= 5_000
        starts.append(fitted.start)
        talk = replace(talk.starting_at(fitted.start).answered(TURN.answer, ()), names={})
        talk = talk.add(replace(TURN, answer=None))
    cuts = sorted({start for start in starts if start})
    assert len(cuts) >= 3
    assert min(b - a for a, b in pairwise(cuts)) >= 5


def test_a_line_says_what_was_left_out() -> None:
    """One fixed line after the instructions says that earlier messages were left out."""
    fitted = build_prompt(PromptInputs(conversation(40), "x"), 5_000)
    assert fitted.messages[1].content == prompt_builder.TURNS_LEFT_OUT
    assert fitted.messages[-1].content == "and now?"


def test_measured_usage_corrects_the_estimate() -> None:
    """Text that costs more tokens than thought is cut earlier."""
    dear = replace(conversation(12), tokens_per_byte=1.0)
    assert build_prompt(PromptInputs(conversation(12), "x"), 5_000).start == 0
    assert build_prompt(PromptInputs(dear, "x"), 5_000).start > 0


def test_files_are_lines_of_the_text() -> None:
    """What is enclosed is named, what is not is described, in the order in which it was sent."""
    files = (Attachment("F1", "a.png"), Attachment("F2", "b.png", "image/png", 7))
    talk = Conversation((Turn((UserMessage("Ana", "look", files=files),)),))
    picture = ImageContent(b"", "image/png", 32, 32)
    message = build_prompt(PromptInputs(talk, "x", media={"F1": picture}), 5_000).messages[-1]
    assert message.media == (picture,)
    assert message.content.splitlines() == ["look", files[0].label, files[1].description]


def test_enclosures_count() -> None:
    """A picture costs tokens in addition to those of the text, whatever the text costs."""
    files = (Attachment("F1", "a.png"),)
    talk = Conversation((*[TURN] * 9, Turn((UserMessage("Ana", "look", files=files),))))
    picture = ImageContent(b"", "image/png", 1024, 1024)
    enclosed = {"F1": picture}
    assert build_prompt(PromptInputs(talk, "x", media=enclosed), 5_000).start == 0
    fitted = build_prompt(PromptInputs(talk, "x", media=enclosed), 4_000)
    assert fitted.start > 0
    assert fitted.tokens(talk.tokens_per_byte) <= 4_000
    assert fitted.tokens(talk.tokens_per_byte) > picture.tokens
    assert build_prompt(PromptInputs(talk, "x", media=enclosed), picture.tokens).start == 9


def test_what_was_said_aloud() -> None:
    """For a model that hears it goes by its id until that expires, and else in words."""
    spoken = Turn((UserMessage("Ana", "a"),), Answer("b", spoken=AudioRef("audio_1", 1_000)))
    talk = Conversation((spoken, OPEN))

    def sent(now: float | None) -> tuple[str, str]:
        message = build_prompt(PromptInputs(talk, "x", replay_audio_at=now), 5_000).messages[2]
        return message.content, message.audio_id

    assert sent(None) == ("b", "")
    assert sent(900.0) == ("b", "audio_1")
    assert sent(1_000.0 - prompt_builder.AUDIO_EXPIRY_MARGIN_SECONDS) == ("b", "")
    assert sent(1_000.0 - prompt_builder.MAX_AUDIO_KEPT_SECONDS) == ("b", "")


def test_one_message_over_the_budget() -> None:
    """A question that seems longer than the whole budget is asked whole, and by itself."""
    long = Turn((UserMessage("Ana", "x" * 9_000),))
    fitted = build_prompt(PromptInputs(Conversation((TURN, long)), "x"), 1_000)
    assert fitted.start == 1
    assert [message.content for message in fitted.messages][1:] == [
        prompt_builder.TURNS_LEFT_OUT,
        "x" * 9_000,
    ]


CALLS = (ToolCall("1", "add", '{"a": 1}'), ToolCall("2", "add"))


def test_tools_stand_between_question_and_answer() -> None:
    """A round is the calls, then one message for each result, in the order of the calls."""
    used = ToolRound("Wait.", CALLS, {"2": "two", "1": "one"})
    turn = Turn((UserMessage("Ana", "add"),), Answer("So."), tool_rounds=(used,))
    messages = build_prompt(PromptInputs(Conversation((turn, OPEN)), "x"), 10_000).messages[1:]
    assert [(m.role, m.content, m.calls, m.call_id) for m in messages] == [
        ("user", "add", (), ""),
        ("assistant", "Wait.", CALLS, ""),
        ("tool", "one", (), "1"),
        ("tool", "two", (), "2"),
        ("assistant", "So.", (), ""),
        ("user", "and now?", (), ""),
    ]


def test_tools_take_room() -> None:
    """What the tools' schemas take is missing for the history; a rule about them is added."""
    tool = ToolDefinition("add", "x" * 8_000, {"type": "object"})
    assert build_prompt(PromptInputs(conversation(12), "x"), 5_000).start == 0
    fitted = build_prompt(PromptInputs(conversation(12), "x", [tool]), 5_000)
    assert fitted.start > 0
    assert fitted.size * 0.25 <= 5_000
    assert fitted.messages[0].content.endswith(prompt_builder.TOOL_RULES)


def test_results_that_do_not_fit() -> None:
    """Where one turn's results are too long together, the oldest of them are left out."""
    rounds = tuple(
        ToolRound("", (ToolCall(str(n), "read"),), {str(n): f"{n}" * 2_000}) for n in range(8)
    )
    talk = Conversation((Turn((UserMessage("Ana", "read"),), tool_rounds=rounds),))
    fitted = build_prompt(PromptInputs(talk, "x"), 2_000)
    assert fitted.size * talk.tokens_per_byte <= 2_000
    results = [message.content for message in fitted.messages if message.role == "tool"]
    assert results == sorted(results, key=lambda result: result != prompt_builder.RESULT_LEFT_OUT)
    assert results[0] == prompt_builder.RESULT_LEFT_OUT
    assert results[-1] == "7" * 2_000


@given(st.lists(turns, min_size=1, max_size=30).map(tuple), st.integers(300, 3_000))
def test_never_over_budget(said: tuple[Turn, ...], budget: int) -> None:
    """Whatever was said, a request holds the newest turns, whole but for the results of tools; and
    it fits its budget, unless it is the last turn alone, without them.
    """
    talk = Conversation(said)
    fitted = build_prompt(PromptInputs(talk, "Be brief."), budget)
    results = {message.content for message in fitted.messages if message.role == "tool"}
    if fitted.start < len(said) - 1 or results - {prompt_builder.RESULT_LEFT_OUT}:
        assert fitted.size * talk.tokens_per_byte <= budget
    whole = build_prompt(PromptInputs(talk.starting_at(fitted.start), "Be brief."), 1_000_000)
    for message, told in zip(fitted.messages, whole.messages, strict=True):
        assert message in (told, replace(told, content=prompt_builder.RESULT_LEFT_OUT))
        assert message == told or told.role == "tool"
