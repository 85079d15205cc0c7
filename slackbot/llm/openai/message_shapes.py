"""The messages of a request in plainer shapes, for servers that refuse what OpenAI's takes.

Many chat templates want a user and an assistant who take turns, some know no instructions, and
gateways refuse empty texts. Each shape says the same as before; only who said it, and where, stands
in the text instead of in a field. These functions are pure.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import takewhile
from typing import Literal

from slackbot.llm.prompt import PromptMessage
from slackbot.markdown.speakers import quoting_speakers

ShapeFeature = Literal[
    "repeated_roles",
    "system",
    "blank_content",
    "parallel_calls",
    "long_call_ids",
    "text_with_calls",
    "calls_without_reasoning",
]
"""What a server may refuse in the shape of a conversation.

`repeated_roles`: neighbours of one role, or another order than a user and an assistant in turns;
`system`: instructions in a message of their own; `long_call_ids`: others than those of Mistral;
`calls_without_reasoning`: tool calls that don't say what the model thought before.
"""

BEGUN_BY_BOT = "(You began this conversation.)"
"""A user says so where the bot spoke first."""

UNANSWERED = "(I gave no answer.)"
"""The assistant says so where its answer was stopped, or failed, after it had used tools."""

GO_ON = "(Please go on.)"
"""A user says so where the assistant spoke last."""

NOTHING = "(empty)"
"""Stands in place of a text that is empty."""

CALL_ID_CHARACTERS = 9
"""Mistral takes call ids of this length alone, of letters and digits."""

_CALL_ID = re.compile(rf"[a-zA-Z0-9]{{{CALL_ID_CHARACTERS}}}")


def shape_features(messages: Sequence[PromptMessage]) -> Iterator[ShapeFeature]:
    """The features that a request with these messages uses."""
    if _roles(messages) != _roles(alternating(messages)):
        yield "repeated_roles"
    if any(each.role == "developer" for each in messages):
        yield "system"
    if any(is_blank(each) for each in messages):
        yield "blank_content"
    if any(len(each.calls) > 1 for each in messages):
        yield "parallel_calls"
    if any(not _CALL_ID.fullmatch(call.id) for each in messages for call in each.calls):
        yield "long_call_ids"
    if any(each.calls and not is_blank(each) for each in messages):
        yield "text_with_calls"
    if any(each.calls for each in messages):
        yield "calls_without_reasoning"


def shaped(messages: Sequence[PromptMessage], without: Collection[str]) -> Sequence[PromptMessage]:
    """The messages without what a server refuses. Their names have to stand in the texts already
    where repeated roles are refused.
    """
    if "parallel_calls" in without:
        messages = _with_single_calls(messages)
    if "repeated_roles" in without:
        messages = alternating(messages)
    if "system" in without:
        messages = _with_instructions_in_question(messages)
    if "blank_content" in without:
        messages = [_filled(each) for each in messages if not _says_nothing(each)]
    if "long_call_ids" in without:
        messages = [_with_short_ids(each) for each in messages]
    if "text_with_calls" in without:
        messages = list(_with_text_before_calls(messages))
    return messages


def alternating(messages: Iterable[PromptMessage]) -> list[PromptMessage]:
    """The instructions in one message, then a user and an assistant who take turns, the user first
    and last. Calls and their results are part of the assistant's turn.

    Neighbours of one role become one message, with all their texts, media and calls.
    """
    messages = list(messages)
    turns: list[PromptMessage] = []
    for message in messages:
        if message.role == "developer" or _says_nothing(message):
            continue
        previous = turns[-1] if turns else None
        if previous is None and message.role != "user":
            turns.append(PromptMessage("user", BEGUN_BY_BOT))
        elif previous is not None and (previous.role, message.role) == ("tool", "user"):
            turns.append(PromptMessage("assistant", UNANSWERED))
        if previous is not None and previous.role == message.role != "tool":
            turns[-1] = _joined(previous, message)
        else:
            turns.append(message)
    if turns and turns[-1].role == "assistant":
        turns.append(PromptMessage("user", GO_ON))
    return [*_instructions(messages), *turns]


def with_names_in_text(messages: Iterable[PromptMessage]) -> list[PromptMessage]:
    """The messages without names: each text says who wrote it, and nobody else."""
    messages = list(messages)
    people = {message.name for message in messages if message.name}
    return [replace(each, name="", content=_said(each, people)) for each in messages]


def without_names(messages: Sequence[PromptMessage]) -> list[PromptMessage]:
    """The messages without names. Where several people speak, the text says who."""
    people = {message.name for message in messages if message.role == "user"}
    if len(people) > 1:
        return with_names_in_text(messages)
    return [replace(each, name="") for each in messages]


def without_tools(messages: Iterable[PromptMessage]) -> list[PromptMessage]:
    """The messages without calls and their results: the text around them stays, each turn's in one
    message, and a user speaks last.
    """
    rest: list[PromptMessage] = []
    within_turn = False
    for message in messages:
        if message.call_id or (message.calls and not message.content):
            continue
        text = replace(message, calls=())
        if within_turn and message.role == "assistant":
            rest[-1] = _joined(rest[-1], text)
        else:
            rest.append(text)
        within_turn = bool(message.calls)
    return [*rest, PromptMessage("user", GO_ON)] if within_turn else rest


def _said(message: PromptMessage, people: Collection[str]) -> str:
    if not message.name:
        return message.content
    return f"{message.name}: {quoting_speakers(message.content, people)}"


def is_blank(message: PromptMessage) -> bool:
    """Whether it has no text that anybody could read."""
    return not message.content.strip()


def _says_nothing(message: PromptMessage) -> bool:
    """Whether it is an assistant's message that can be left out."""
    holds = message.calls or message.refusal or message.audio_id
    return message.role == "assistant" and is_blank(message) and not holds


def _roles(messages: Iterable[PromptMessage]) -> list[str]:
    return [message.role for message in messages]


def _instructions(messages: Iterable[PromptMessage]) -> list[PromptMessage]:
    """All instructions in one message, or none."""
    texts = [each.content for each in messages if each.role == "developer"]
    return [PromptMessage("developer", "\n\n".join(texts))] if texts else []


def _joined(one: PromptMessage, other: PromptMessage) -> PromptMessage:
    """Two messages of one role as one. What was said aloud is only written then."""
    return PromptMessage(
        one.role,
        _paragraphs(one.content, other.content),
        refusal=_paragraphs(one.refusal, other.refusal),
        calls=(*one.calls, *other.calls),
        media=(*one.media, *other.media),
    )


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def _with_instructions_in_question(messages: Sequence[PromptMessage]) -> list[PromptMessage]:
    """The instructions stand at the beginning of the first user's message."""
    rest = [each for each in messages if each.role != "developer"]
    instructions = "\n\n".join(each.content for each in messages if each.role == "developer")
    if not rest or rest[0].role != "user":
        return [PromptMessage("user", instructions or BEGUN_BY_BOT), *rest]
    first, *others = rest
    return [replace(first, content=_paragraphs(instructions, first.content)), *others]


def _filled(message: PromptMessage) -> PromptMessage:
    """Only next to calls or media a text may be missing."""
    if not is_blank(message) or message.calls or message.media or message.audio_id:
        return message
    return replace(message, content=message.refusal or NOTHING, refusal="")


def _with_single_calls(messages: Sequence[PromptMessage]) -> list[PromptMessage]:
    """Each call is followed by its result, as if the model had made one after the other."""
    split: list[PromptMessage] = []
    for number, message in enumerate(messages):
        if message.role == "tool":
            continue
        following = takewhile(lambda each: each.role == "tool", messages[number + 1 :])
        results = {each.call_id: each for each in following}
        split.append(replace(message, calls=message.calls[:1]))
        for call in message.calls:
            if call != message.calls[0]:
                split.append(PromptMessage("assistant", "", calls=(call,)))
            if call.id in results:
                split.append(results[call.id])
    return split


def _with_short_ids(message: PromptMessage) -> PromptMessage:
    calls = tuple(replace(call, id=_short(call.id)) for call in message.calls)
    return replace(message, calls=calls, call_id=message.call_id and _short(message.call_id))


def _short(call_id: str) -> str:
    """The same for the same id."""
    if _CALL_ID.fullmatch(call_id):
        return call_id
    return sha256(call_id.encode()).hexdigest()[:CALL_ID_CHARACTERS]


def _with_text_before_calls(messages: Iterable[PromptMessage]) -> Iterator[PromptMessage]:
    """An assistant's text is a message of its own, before the one with its calls."""
    for message in messages:
        if message.calls and not is_blank(message):
            yield replace(message, calls=())
            yield replace(message, content="", refusal="")
        else:
            yield message
