"""What people change about what was said: they edit and delete, rate answers and want other ones.

Pure: the store applies a change to whatever it finds under a message's ts, all at once, so that
no change meets a turn that is half written.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Protocol

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.history import Rating, Turn, UserMessage
from slackbot.conversation.messages import Message, QueuedMessage


class Change(Protocol):
    """A change to the message with a certain `ts`: a person's, or one of an answer's."""

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        """What becomes of the message while it awaits its turn."""

    def to_turn(self, turn: Turn) -> Turn:
        """What becomes of the turn that it belongs to."""

    def again(self, turn: Turn, *, last: bool) -> bool:
        """Whether the turn, once changed, is to be answered anew; `last`: nobody asked after it."""


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """What became of a change, or of a new message."""

    waiting: bool = False
    """The message awaits its turn, or is being answered: nothing of the history changed."""
    again: bool = False
    """Its turn is to be answered again."""
    received: bool = False
    """The message is new and waits now."""
    changed: bool = field(default=False, compare=False)
    """Something is different from before."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A person edited their message; `text` is the new one as the model reads it.

    A message that was edited later than this, or just then, stays as it is.
    """

    message: Message
    text: str
    wants_answer: bool

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

    def _is_outdated(self, edited_ts: str) -> bool:
        """Whether a message that was last edited at `edited_ts` is at least as new as this."""
        try:
            return Decimal(edited_ts) >= Decimal(self.message.edited_ts)
        except InvalidOperation:  # one of them was never edited, or Slack names no time
            return False


@dataclass(frozen=True, slots=True)
class FilesAdded:
    """Slack tells of a message twice, and perhaps of its files the second time alone."""

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
    """Somebody deleted a message. A question takes its answer along if nothing else was asked."""

    ts: str

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        message = replace(waiting.message, markup="", files=())
        return replace(waiting, message=message, deleted=True)

    def to_turn(self, turn: Turn) -> Turn:
        if self.ts in turn.reply_ts:
            return Turn(turn.messages)
        said = tuple(each for each in turn.messages if each.ts != self.ts)
        if said == turn.messages:
            return turn
        return replace(turn, messages=said) if said else Turn((), reply_ts=turn.reply_ts)

    def again(self, turn: Turn, *, last: bool) -> bool:  # noqa: ARG002 - never, whatever it is
        return False


@dataclass(frozen=True, slots=True)
class Rated:
    """A person says what they think of an answer; their last word counts."""

    ts: str
    user: str
    verdict: Rating

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        return waiting

    def to_turn(self, turn: Turn) -> Turn:
        if self.ts not in turn.reply_ts:
            return turn
        return replace(turn, feedback={**turn.feedback, self.user: self.verdict})

    def again(self, turn: Turn, *, last: bool) -> bool:  # noqa: ARG002 - as above
        return False


@dataclass(frozen=True, slots=True)
class Regenerated:
    """A person wants an answer to be written anew."""

    ts: str

    def to_waiting(self, waiting: QueuedMessage) -> QueuedMessage:
        return waiting

    def to_turn(self, turn: Turn) -> Turn:
        return turn

    def again(self, turn: Turn, *, last: bool) -> bool:  # noqa: ARG002 - whichever turn it is
        return self.ts in turn.reply_ts and bool(turn.messages)


def _known(files: Iterable[Attachment], before: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """The files with the words that were heard in them before."""
    words = {file.id: file.words for file in before}
    return tuple(replace(file, words=words.get(file.id, "")) for file in files)
