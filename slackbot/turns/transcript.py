"""Turns Slack messages into conversations: plain text, by people with names for the model."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from slackbot.conversation import speaker_names
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.delivery import annotations
from slackbot.errors import DeliveryError, SlackError
from slackbot.instructions.command_parser import find_command
from slackbot.markdown import mrkdwn
from slackbot.markdown.notes import strip_notes
from slackbot.turns import texts

logger = logging.getLogger(__name__)

MAX_HISTORY_MESSAGES = 200
"""How many earlier messages are read when the bot joins a thread: the newest ones."""

REORDERING_SECONDS = 3.0
"""How long Slack may take to deliver an earlier mention after a later message.

It is short, as a mention from before the bot was invited is never delivered.
"""

MAX_KEPT_HISTORIES = 32
"""Histories in memory, of threads whose first turn may be taken again: its question is edited."""

NOBODY = UserId("")

NOTICE_NAME = "Slack"
"""The model's name for the author of a notice that no person wrote."""

NO_TEXT = "(no text)"
"""The model reads this in place of an empty message."""


class ThreadHistory(Protocol):
    """Reads people's names and the earlier messages of threads."""

    async def display_name(self, user: UserId) -> str | None:
        """Returns a person's display name; None if Slack can't be asked now."""

    async def mention_name(self, mentioned: str, here: ChannelId, reader: UserId) -> str | None:
        """Returns a user group's handle, or a channel's name, such as "#general", as the person
        `reader` and the people in the channel `here` may know it; None if Slack does not tell it
        now. If `reader` is empty, no person asks.
        """

    async def history(self, thread: ThreadKey, *, before: Ts, newest: int) -> list[Message]:
        """Returns the `newest` last messages of a thread that are older than the ts `before`."""


class Transcript:
    """Adds messages to conversations. `me` is the bot's own user ID."""

    def __init__(self, thread_history: ThreadHistory, me: UserId) -> None:
        self._thread_history = thread_history
        self._me = me
        self._histories: OrderedDict[tuple[ThreadKey, Ts], Sequence[Message]] = OrderedDict()
        """By the ts of the message before which they end, the oldest first."""

    async def add_turn(
        self,
        conversation: Conversation,
        messages: Sequence[Message],
        waiting: Sequence[QueuedMessage] = (),
    ) -> Conversation:
        """Returns the conversation with another turn, which holds these messages.

        What is `waiting` in the thread is not part of the history, nor is what the bot has shown of
        an answer to it: each becomes a turn of its own.
        """
        if not conversation.length and not messages[0].starts_thread:
            conversation = await self._with_history(conversation, messages[0], waiting)
        conversation, said = await self._to_user_messages(conversation, messages)
        return conversation.add(Turn(tuple(said)))

    async def lines(self, messages: Sequence[Message], reader: UserId) -> list[str]:
        """Returns each message as a line with its author's name, as the person `reader` may read
        it.
        """
        authors = {each.user for each in messages if not each.sender_name and each.author != "me"}
        names = await self._names_in(messages, authors, reader)
        lines = []
        for message in messages:
            name = message.sender_name or names.get(message.user, message.user)
            said = UserMessage(name, self._text(message, names), files=message.files)
            is_own = message.author == "me"
            lines.append(f"You: {message.markup}" if is_own else f"{name}: {said.whole}")
            await asyncio.sleep(0)  # some hundred messages take some milliseconds to read
        return lines

    async def plain_text(self, message: Message) -> str:
        """Returns a message's text as the model reads it."""
        return self._text(message, await self._names_in([message]))

    async def _with_history(
        self, conversation: Conversation, first: Message, waiting: Sequence[QueuedMessage]
    ) -> Conversation:
        """Returns the conversation with the messages from before the bot joined the thread."""
        try:
            earlier = await self._history(first)
        except SlackError as err:
            logger.warning("No history of a thread in %s: %r", first.thread.channel, err.__cause__)
            return _without_history(conversation, err)
        earlier = [
            message
            for message in earlier
            if not _is_unfinished(message, waiting) and self._belongs(message, first)
        ]
        people = [message for message in earlier if message.author != "me"]
        conversation, said = await self._to_user_messages(conversation, people)
        lines = iter(said)
        for message in earlier:
            if message.author == "me":
                conversation = _with_own_message(conversation, message)
            else:
                read = replace(next(lines), for_bot=False)
                conversation = conversation.add(Turn((read,)))
        return conversation

    async def _history(self, first: Message) -> Sequence[Message]:
        """Returns what was said in a thread before this message. Slack is asked once."""
        kept, key = self._histories, (first.thread, first.ts)
        if key not in kept:
            kept[key] = await self._thread_history.history(
                first.thread, before=first.ts, newest=MAX_HISTORY_MESSAGES
            )
            if len(kept) > MAX_KEPT_HISTORIES:
                kept.popitem(last=False)
        return kept[key]

    def _belongs(self, message: Message, first: Message) -> bool:
        """Returns whether an earlier message is part of the conversation: a command is not."""
        if find_command(message, self._me) is not None:
            return False
        return not self._is_delivered_later(message, first)

    def _is_delivered_later(self, message: Message, first: Message) -> bool:
        """Returns whether Slack will still deliver this earlier mention as an event of its own."""
        recent = float(first.ts) - float(message.ts) < REORDERING_SECONDS
        may_ask = message.author in {"person", "app"}
        return recent and may_ask and self._me in _mentioned_users(message)

    async def _to_user_messages(
        self, conversation: Conversation, messages: Sequence[Message]
    ) -> tuple[Conversation, list[UserMessage]]:
        """Returns the messages as the model reads them, and the conversation with their authors.

        An author whose name is unknown now goes by the user ID, and gets a name the next time.
        """
        authors = {each.user for each in messages if not each.sender_name}
        display = await self._names_in(messages, authors - {self._me})
        stored_names, names = dict(conversation.names), dict(conversation.names)
        for each in messages:
            speaker, user = _speaker(each), each.user
            name = each.sender_name or display.get(user, "")
            if speaker not in names:
                names[speaker] = speaker_names.api_name(name or user, user, names.values())
                if name:
                    stored_names[speaker] = names[speaker]
        said = [
            UserMessage(
                names[_speaker(each)],
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
        """Mentions of the bot are left out of what people typed alone."""
        typed = mrkdwn.to_plain_text(message.markup, display, self._me)
        attached = mrkdwn.to_plain_text(message.attached_markup, display, "")
        said = "\n\n".join(filter(None, (typed, attached)))
        return said or ("" if message.files else NO_TEXT)

    async def _names_in(
        self,
        messages: Iterable[Message],
        users: Iterable[UserId] = (),
        reader: UserId = NOBODY,
    ) -> Mapping[str, str]:
        """Returns the names of these users and of all that the messages mention, by their IDs.

        Channels and groups have the names that `reader` may know, or else each message's author.
        """
        asked: dict[str, Awaitable[str | None]] = {}
        mentioned: dict[str, tuple[ChannelId, UserId]] = {}
        people: dict[UserId, None] = {}
        for each in messages:
            attached = mrkdwn.mentioned_users(each.attached_markup)
            people |= dict.fromkeys(user for user in _mentioned_users(each) if user != self._me)
            people |= dict.fromkeys(map(UserId, attached))
            places = mrkdwn.unnamed_mentions(f"{each.markup}\n{each.attached_markup}")
            for place in places:
                mentioned.setdefault(place, (each.thread.channel, reader or _person(each)))
        # Authors come first, as Slack may not be asked about all.
        for user in (*sorted(users), *islice(people, mrkdwn.MAX_MENTIONED_PEOPLE)):
            if user in asked:
                continue
            asked[user] = self._thread_history.display_name(user)
        for place, (here, person) in islice(mentioned.items(), mrkdwn.MAX_UNNAMED_MENTIONS):
            asked[place] = self._thread_history.mention_name(place, here, person)
        found = await asyncio.gather(*asked.values())
        return {each: name for each, name in zip(asked, found, strict=True) if name is not None}


def _without_history(conversation: Conversation, err: SlackError) -> Conversation:
    """Tells the model, and the people with the first answer, why earlier messages are missing."""
    reason = texts.UNREAD_NOW
    if isinstance(err, DeliveryError):
        reason = texts.UNREAD_REASONS.get(err.code, texts.UNREAD_NOT_ALLOWED)
    told = UserMessage(NOTICE_NAME, texts.UNREAD_THREAD_FOR_MODEL.format(reason=reason))
    return replace(
        conversation.add(Turn((replace(told, for_bot=False),))),
        unread=texts.UNREAD_THREAD.format(reason=reason),
    )


def _with_own_message(conversation: Conversation, message: Message) -> Conversation:
    """Adds one of the bot's own messages to the conversation, without its notes."""
    said, refusal = annotations.split_refusal(strip_notes(message.markup))
    answer = Answer(said, refusal=refusal)
    if not (answer.text.strip() or refusal):
        return conversation
    if conversation.turns and conversation.turns[-1].answer is None:
        *before, last = conversation.turns
        asked = tuple(replace(each, for_bot=True) for each in last.messages)
        conversation = replace(conversation, turns=(*before, replace(last, messages=asked)))
        return conversation.answered(answer, (message.ts,))
    return conversation.add(Turn((), answer, (message.ts,)))


def _is_unfinished(message: Message, waiting: Sequence[QueuedMessage]) -> bool:
    """Returns whether a message waits for its turn, or may belong to the reply to one that does."""
    is_own = message.author == "me"
    return any(
        message.ts in (each.message.ts, *each.reply_ts)
        or (is_own and each.posting is not None and message.ts > each.posting.since)
        for each in waiting
    )


def _mentioned_users(message: Message) -> list[UserId]:
    """Returns whom its author mentions, in order."""
    return list(map(UserId, mrkdwn.mentioned_users(message.markup)))


def _person(message: Message) -> UserId:
    """Returns who wrote a message, if that may be a person."""
    return message.user if message.author in {"person", "app"} else NOBODY


def _speaker(message: Message) -> UserId:
    """Returns whom a message's name for the model belongs to: an app may use several names."""
    return UserId(f"{message.user}/{message.sender_name}") if message.sender_name else message.user
