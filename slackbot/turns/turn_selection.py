"""Selects the waiting messages of a thread that are answered together next. Pure.

A turn answers one requester, with that person's tools and rights. All waiting messages of the
requester are answered together; messages between people become context. A command is a turn of its
own. Somebody whose question is paused, as it is changed again and again, lets others pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import Message, QueuedMessage


@dataclass(frozen=True, slots=True)
class NextMessages:
    """The messages of the next turn, oldest first; at least one."""

    messages: tuple[QueuedMessage, ...]
    is_command: bool = False

    @property
    def owner(self) -> QueuedMessage:
        """The message that the reply belongs to: the first with a reply, else the first."""
        return next((each for each in self.messages if each.has_reply), self.messages[0])


def next_messages(
    waiting: Sequence[QueuedMessage],
    *,
    is_command: Callable[[Message], bool],
    wants_answer: Callable[[Message], bool],
    is_paused: Callable[[Message], bool] = lambda _: False,
) -> NextMessages:
    """Selects the messages of the next turn. `waiting` has at least one, oldest first."""
    first = waiting[0]
    if is_command(first.message) and not first.deleted:
        return NextMessages((first,), is_command=True)
    before_command = _until_command(waiting, is_command)
    requester = _requester(before_command, wants_answer, is_paused)
    together = [
        each
        for each in before_command
        if each.message.user == requester or not (each.deleted or wants_answer(each.message))
    ]
    owner = NextMessages(tuple(together)).owner
    reply = (owner.reply_ts, owner.posting)
    return NextMessages(
        tuple(
            each
            for each in together
            if not each.has_reply or (each.reply_ts, each.posting) == reply
        )
    )


def _until_command(
    waiting: Sequence[QueuedMessage], is_command: Callable[[Message], bool]
) -> list[QueuedMessage]:
    until: list[QueuedMessage] = []
    for each in waiting:
        if is_command(each.message) and not each.deleted:
            break
        until.append(each)
    return until


def _requester(
    waiting: Sequence[QueuedMessage],
    wants_answer: Callable[[Message], bool],
    is_paused: Callable[[Message], bool],
) -> UserId:
    """Returns the author of the first message that wants an answer, or was deleted meanwhile; one
    that is not paused, if there is any.
    """
    asking = [each for each in waiting if each.deleted or wants_answer(each.message)]
    unpaused = [each for each in asking if each.deleted or not is_paused(each.message)]
    return [*unpaused, *asking, *waiting][0].message.user
