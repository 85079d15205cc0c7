"""The changes that people make: they edit and delete messages, rate answers and regenerate them.

Pure: the store applies a change to the message or turn that it finds under a ts, in one
transaction, so no change meets a turn that is half written.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Protocol

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.history import Rating, Turn, UserMessage
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import Message, QueuedMessage, RegenerationCause


class Change(Protocol):
    """A change to one message, a person's or the bot's."""

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        """Returns the changed message, if it still waits for its turn."""

    def to_turn(self, turn: Turn) -> Turn:
        """Returns the changed turn, if the message belongs to one."""

    def again(self, turn: Turn, *, last: bool) -> bool:
        """Returns whether the turn must be answered again; `last` if no question came after it."""


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """The effect of a change, or of a new message."""

    waiting: bool = False
    """The message waits for its turn, or is being answered: the history has not changed."""
    again: bool = False
    """The message's turn must be answered again."""
    received: bool = False
    """The message is new and waits now."""
    changed: bool = field(default=False, compare=False)
    """The stored message or turn differs from before."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A person edited their message; `text` is the new text as the model reads it.

    An edit that is not newer than the stored one changes nothing.
    """

    message: Message
    text: str
    wants_answer: bool
    is_addressed: bool = False
    """It mentions the bot, or is a direct message."""

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        if waiting.deleted or self._is_outdated(waiting.message.edited_ts):
            return waiting
        edited_ts = self.message.edited_ts or waiting.message.edited_ts
        return replace(waiting, message=replace(self.message, edited_ts=edited_ts))

    def to_turn(self, turn: Turn) -> Turn:
        return replace(turn, messages=tuple(map(self._edit, turn.messages)))

    def again(self, turn: Turn, *, last: bool) -> bool:
        changed = any(
            replace(self._edit(each), edited_ts=each.edited_ts) != each for each in turn.messages
        )
        return changed and last and self.wants_answer

    def _edit(self, said: UserMessage) -> UserMessage:
        if said.ts != self.message.ts or self._is_outdated(said.edited_ts):
            return said
        return replace(
            said,
            text=self.text,
            files=_known(self.message.files, said.files),
            for_bot=self.wants_answer,
            edited_ts=self.message.edited_ts or said.edited_ts,
        )

    def needs_own_turn(self, turn: Turn) -> bool:
        """Whether a remark in the turn of another person becomes a question, or a message that
        nobody answered asks the bot: since this edit, or since it was read as edited before the
        edit arrived. It is answered with its author's tools and rights then, never with another's.
        """
        edited_ts = self.message.edited_ts
        if edited_ts and turn.was_only_read(self.message.ts, edited_ts):
            return self.wants_answer and self.is_addressed
        for each in turn.messages:
            if each.ts == self.message.ts and not self._is_outdated(each.edited_ts):
                others = any(other.for_bot and other.user != each.user for other in turn.messages)
                asks_now = self.is_addressed and self.text != each.text and turn.is_unanswered
                return self.wants_answer and (asks_now or (others and not each.for_bot))
        return False

    def _is_outdated(self, edited_ts: Ts) -> bool:
        """Returns whether the last edit at `edited_ts` is at least as new as this one."""
        try:
            return Decimal(edited_ts) >= Decimal(self.message.edited_ts)
        except InvalidOperation:  # one of them was never edited, or Slack gives no time
            return False


@dataclass(frozen=True, slots=True)
class FilesAdded:
    """A message's files: Slack may deliver a message twice, with files only the second time."""

    message: Message

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        if waiting.message.files or waiting.deleted:
            return waiting
        return replace(waiting, message=replace(waiting.message, files=self.message.files))

    def to_turn(self, turn: Turn) -> Turn:
        said = tuple(
            replace(each, files=self.message.files)
            if each.ts == self.message.ts and not each.files
            else each
            for each in turn.messages
        )
        return replace(turn, messages=said)

    def again(self, turn: Turn, *, last: bool) -> bool:
        return self.to_turn(turn) != turn and last


@dataclass(frozen=True, slots=True)
class Deleted:
    """Somebody deleted a message. The answer goes too if its turn has no other question."""

    ts: Ts

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        message = replace(waiting.message, markup="", files=(), attached_markup="")
        return replace(waiting, message=message, deleted=True)

    def to_turn(self, turn: Turn) -> Turn:
        if self.ts in turn.reply_ts:
            return Turn(turn.messages)
        said = tuple(each for each in turn.messages if each.ts != self.ts)
        if said == turn.messages:
            return turn
        return replace(turn, messages=said) if said else Turn((), reply_ts=turn.reply_ts)

    def again(self, turn: Turn, *, last: bool) -> bool:  # noqa: ARG002 - a deletion needs no new answer
        return False


@dataclass(frozen=True, slots=True)
class Rated:
    """A person rated an answer; their last rating counts."""

    ts: Ts
    user: UserId
    verdict: Rating

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        return waiting

    def to_turn(self, turn: Turn) -> Turn:
        if self.ts not in turn.reply_ts:
            return turn
        return replace(turn, feedback={**turn.feedback, self.user: self.verdict})

    def again(self, turn: Turn, *, last: bool) -> bool:  # noqa: ARG002 - nor does a rating
        return False


@dataclass(frozen=True, slots=True)
class Regenerated:
    """A person asked for another answer."""

    ts: Ts
    user: UserId = UserId("")
    """Who did; empty if that is not known."""

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        return waiting

    def to_turn(self, turn: Turn) -> Turn:
        return turn

    def again(self, turn: Turn, *, last: bool) -> bool:  # noqa: ARG002 - any turn can be regenerated
        return self.ts in turn.reply_ts and bool(turn.messages)


def cause_of(change: Change, turn: Turn) -> RegenerationCause:
    """Why a change wants a turn to be answered again."""
    match change:
        case Edited():
            return "edited"
        case Regenerated(_, user) if turn.is_unfinished and user == turn.asker:
            return "retried"
    return "pressed"


def _known(files: Iterable[Attachment], before: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """The files, with the transcripts that are already known."""
    words = {file.id: file.words for file in before}
    return tuple(replace(file, words=words.get(file.id, "")) for file in files)
