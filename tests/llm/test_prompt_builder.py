"""A request holds what fits its budget, and begins as the one before it."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slackbot.attachments.media_parts import ImageContent, TextContent, UnreadFile
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
from slackbot.llm.prompt import MESSAGE_OVERHEAD_BYTES
from slackbot.llm.prompt_builder import PromptInputs, build_prompt, remaining_tokens
from slackbot.llm.tool_calls import STOPPED, ToolDefinition
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
    assert fitted.messages[0].content.endswith(f"\n\n{prompt_builder.HOUSE_RULES}")
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
    assert sent(939.9) == ("b", "audio_1")
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


ADD = ToolDefinition("add", "Adds.", {"type": "object"})


def test_the_room_for_media() -> None:
    """Media may take what instructions, tools and the last turn's own text leave; a line about
    earlier messages has its room too, since earlier turns give way.
    """
    inputs = PromptInputs(conversation(5), "x", [ADD])
    alone = replace(inputs, conversation=Conversation((OPEN,), start=5))
    text = build_prompt(alone, 10_000)
    assert text.messages[1].content == prompt_builder.TURNS_LEFT_OUT
    assert remaining_tokens(inputs, 10_000) == 10_000 - text.tokens(0.25)
    dear = replace(inputs, conversation=replace(inputs.conversation, tokens_per_byte=1.0))
    assert remaining_tokens(dear, 10_000) == 10_000 - text.size


def test_the_room_for_media_is_the_same_before_and_after() -> None:
    """Files count as described, whether they are prepared by then or not."""
    turn = Turn((UserMessage("Ana", "look", files=(Attachment("F1", "a.png", "image/png", 7),)),))
    inputs = PromptInputs(Conversation((turn,)), "x")
    prepared = replace(inputs, media={"F1": ImageContent(b"", "image/png", 32, 32)})
    assert remaining_tokens(prepared, 5_000) == remaining_tokens(inputs, 5_000)


def test_what_fills_the_budget_is_sent() -> None:
    """A request may take its whole budget; with one token less, the oldest turn is left out."""
    inputs = PromptInputs(conversation(3), "x", [ADD])
    size = build_prompt(inputs, 100_000).tokens(0.25)
    assert build_prompt(inputs, size).start == 0
    assert build_prompt(inputs, size - 1).start > 0
    cut = replace(inputs, conversation=replace(conversation(3), start=7))
    size = build_prompt(cut, 100_000).tokens(0.25)  # with the line about earlier messages
    assert build_prompt(cut, size).start == 7
    assert build_prompt(cut, size - 1).start > 7


def test_a_cut_leaves_sixty_per_cent() -> None:
    """After a cut as many turns are left as fit into 60 % of the budget, with the line that says
    so, and no fewer.
    """
    inputs = PromptInputs(conversation(40), "x")
    fixed = build_prompt(PromptInputs(Conversation((OPEN,), start=1), "x"), 5_000).messages[:2]
    developer, notice = (message.tokens(0.25) for message in fixed)
    for budget in range(4_000, 5_000, 20):
        kept = [each.tokens(0.25) for each in build_prompt(inputs, budget).messages[2:]]
        room = (budget - developer) * 0.6 - notice
        assert sum(kept) <= room < sum(kept) + kept[0] + kept[1]


def test_the_last_question_alone() -> None:
    """A question that just fits together with the line about earlier messages is asked, without
    anything before it.
    """
    fixed = build_prompt(PromptInputs(Conversation((OPEN,), start=1), "x"), 5_000).messages[:2]
    room = 2_000 * 4 - sum(message.size for message in fixed)
    question = UserMessage("Ana", "x" * (room - len("Ana") - MESSAGE_OVERHEAD_BYTES))
    talk = Conversation((TURN, Turn((question,))))
    sent = build_prompt(PromptInputs(talk, "x"), 2_000)
    assert (sent.start, sent.tokens(0.25)) == (1, 2_000)


def test_a_text_file_is_quoted_and_a_recording_told() -> None:
    """The text of a document stands in the message, and so do the words of a recording that is not
    sent itself.
    """
    files = (Attachment("F1", "a.txt"), Attachment("F2", "b.mp3", words="hello"))
    talk = Conversation((Turn((UserMessage("Ana", "", files=files),)),))
    document = TextContent("a.txt", "one", 3)
    message = build_prompt(PromptInputs(talk, "x", media={"F1": document}), 5_000).messages[-1]
    assert message.content == f"{document.quoted}\n{files[1].transcript}"
    assert message.media == ()


def test_a_file_that_was_not_read() -> None:
    """The model is told about a file that was not read this time, and why."""
    talk = Conversation((Turn((UserMessage("Ana", "", files=(Attachment("F1", "a.txt"),)),)),))
    media = {"F1": UnreadFile("there was no time to read it")}
    message = build_prompt(PromptInputs(talk, "x", media=media), 5_000).messages[-1]
    assert message.content == "[file: a.txt, there was no time to read it]"
    assert message.media == ()


def test_a_call_without_a_result_has_one_in_a_request() -> None:
    """Servers want a result for each call: one that never came was stopped by a person."""
    turn = Turn((UserMessage("Ana", "add"),), tool_rounds=(ToolRound("", CALLS, {"1": "one"}),))
    messages = build_prompt(PromptInputs(Conversation((turn, OPEN)), "x"), 10_000).messages
    assert [m.content for m in messages if m.role == "tool"] == ["one", STOPPED]


def test_as_few_results_as_possible_are_left_out() -> None:
    """Where results are too long together, no more of them are left out than must be."""
    rounds = tuple(
        ToolRound("", (ToolCall(str(n), "read"),), {str(n): f"{n}" * 2_000}) for n in range(4)
    )
    talk = Conversation((Turn((UserMessage("Ana", "read"),), tool_rounds=rounds),))
    whole = build_prompt(PromptInputs(talk, "x"), 100_000).tokens(0.25)
    notice = len(prompt_builder.TURNS_LEFT_OUT) + MESSAGE_OVERHEAD_BYTES
    for budget, left_out in ((whole + notice, 0), (whole - 1, 1), (whole - 600, 2)):
        sent = build_prompt(PromptInputs(talk, "x"), budget)
        results = [m.content for m in sent.messages if m.role == "tool"]
        assert results.count(prompt_builder.RESULT_LEFT_OUT) == left_out
        assert results[left_out:] == [f"{n}" * 2_000 for n in range(left_out, 4)]


def test_a_refusal_is_sent_as_one() -> None:
    """What the model refused stays its refusal, next to what it wrote."""
    turn = Turn((UserMessage("Ana", "?"),), Answer("So.", refusal="No."))
    messages = build_prompt(PromptInputs(Conversation((turn, OPEN)), "x"), 10_000).messages
    assert (messages[2].content, messages[2].refusal) == ("So.", "No.")
