"""From messages to what was said: plain text, by people whom the model knows by name."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from slackbot.conversation import speaker_names
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery import annotations
from slackbot.errors import SlackError
from slackbot.instructions.command_parser import find_command
from slackbot.markdown import mrkdwn
from slackbot.markdown.notes import strip_notes

logger = logging.getLogger(__name__)

MAX_HISTORY_MESSAGES = 200
"""How many messages of a thread that people already have are read, the newest."""

REORDERING_SECONDS = 3.0
"""Seconds in which Slack may deliver messages in another order than they were written.

Short, as a mention from before the bot was invited is not delivered at all.
"""

NO_TEXT = "(no text)"


class ThreadHistory(Protocol):
    """Who knows people, and what was said before the bot came."""

    async def display_name(self, user: str) -> str | None:
        """None where Slack does not tell now."""

    async def history(self, thread: ThreadKey, *, before: str, newest: int) -> list[Message]:
        """The last messages of the thread that are older than the one at `before`, in order."""


class Transcript:
    """Writes conversations down. `me` is the bot's own user id."""

    def __init__(self, thread_history: ThreadHistory, me: str) -> None:
        self._thread_history = thread_history
        self._me = me

    async def add_turn(
        self, conversation: Conversation, messages: Sequence[Message], place: Collection[str] = ()
    ) -> Conversation:
        """The conversation with one turn more, in which all these messages were said.

        `place` are the messages that its answer has so far: they are none of what was said before.
        """
        if not conversation.length and not messages[0].starts_thread:
            conversation = await self._with_history(conversation, messages[0], place)
        conversation, said = await self._to_user_messages(conversation, messages)
        return conversation.add(Turn(tuple(said)))

    async def render(self, message: Message) -> str:
        """What a message says, and who says it."""
        if message.author == "me":
            return f"You: {message.markup}"
        name = await self._thread_history.display_name(message.user) or message.user
        said = UserMessage(name, await self.plain_text(message), files=message.files)
        return f"{name}: {said.whole}"

    async def plain_text(self, message: Message) -> str:
        """What a message says, as the model is to read it."""
        display = await self._display_names({*mrkdwn.mentioned_users(message.markup)} - {self._me})
        return self._text(message, display)

    async def _with_history(
        self, conversation: Conversation, first: Message, place: Collection[str]
    ) -> Conversation:
        """The conversation, begun with what people said in the thread before the bot joined it."""
        try:
            earlier = await self._thread_history.history(
                first.thread, before=first.ts, newest=MAX_HISTORY_MESSAGES
            )
        except SlackError as err:
            logger.warning("No history of a thread in %s: %r", first.thread.channel, err.__cause__)
            return conversation
        earlier = [
            message
            for message in earlier
            if message.ts not in place and self._belongs(message, first)
        ]
        people = [message for message in earlier if message.author != "me"]
        conversation, said = await self._to_user_messages(conversation, people)
        lines = iter(said)
        for message in earlier:
            if message.author == "me":
                conversation = _with_own_message(conversation, message)
            else:
                conversation = conversation.add(Turn((next(lines),)))
        return conversation

    def _belongs(self, message: Message, first: Message) -> bool:
        """Whether an earlier message is part of the conversation: an order to the bot is not."""
        if find_command(message, self._me) is not None:
            return False
        return not self._is_delivered_later(message, first)

    def _is_delivered_later(self, message: Message, first: Message) -> bool:
        """Whether Slack delivers an earlier mention later: then it is heard, not remembered."""
        recent = float(first.ts) - float(message.ts) < REORDERING_SECONDS
        return (
            recent
            and message.author == "person"
            and self._me in mrkdwn.mentioned_users(message.markup)
        )

    async def _to_user_messages(
        self, conversation: Conversation, messages: Sequence[Message]
    ) -> tuple[Conversation, list[UserMessage]]:
        """The messages as the model is to read them; the conversation knows their authors then.

        Who could not be named is names by the user id this time, and named the next.
        """
        mentioned_users = {
            user for each in messages for user in mrkdwn.mentioned_users(each.markup)
        }
        authors = {message.user for message in messages}
        display = await self._display_names((mentioned_users | authors) - {self._me})
        stored_names, names = dict(conversation.names), dict(conversation.names)
        for user in (message.user for message in messages):
            if user not in names:
                names[user] = speaker_names.api_name(display.get(user, user), user, names.values())
                if user in display:
                    stored_names[user] = names[user]
        said = [
            UserMessage(
                names[each.user],
                self._text(each, display),
                each.ts,
                each.user,
                each.files,
                edited_ts=each.edited_ts,
            )
            for each in messages
        ]
        return replace(conversation, names=stored_names), said

    def _text(self, message: Message, display: Mapping[str, str]) -> str:
        said = mrkdwn.to_plain_text(message.markup, display, self._me)
        return said or ("" if message.files else NO_TEXT)

    async def _display_names(self, users: Iterable[str]) -> Mapping[str, str]:
        ids = sorted(users)
        found = await asyncio.gather(*(self._thread_history.display_name(user) for user in ids))
        return {user: name for user, name in zip(ids, found, strict=True) if name is not None}


def _with_own_message(conversation: Conversation, message: Message) -> Conversation:
    """With a message of the bot's own, but for the sentence that a failure left on it."""
    said, refusal = annotations.split_refusal(strip_notes(message.markup))
    answer = Answer(said, refusal=refusal)
    if not (answer.text.strip() or refusal):
        return conversation
    if conversation.turns and conversation.turns[-1].answer is None:
        return conversation.answered(answer, (message.ts,))
    return conversation.add(Turn((), answer, (message.ts,)))
