"""The bot of one workspace: stores Slack's events, and wakes the sessions of their threads.

Where several replicas serve the workspace, each stores events; only its owner has sessions.
"""

import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from slackbot.conversation.addressing import is_addressed
from slackbot.conversation.ids import TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
)
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.turns.store import Store
from slackbot.turns.thread_sessions import ThreadSessions

logger = logging.getLogger(__name__)

MAX_OVERHEARD_MESSAGES = 100
"""How many messages of other threads are kept in memory: Slack may deliver a message before the
earlier mention that brings the bot into the thread."""


class Bot:
    def __init__(self, me: UserId, store: Store, sessions: ThreadSessions | None = None) -> None:
        """`me` is the bot's own user ID. Without `sessions`, it begins as no owner."""
        self._me = me
        self._store = store
        self._sessions = sessions
        self._overheard: deque[Message] = deque(maxlen=MAX_OVERHEARD_MESSAGES)

    async def on_event(self, event: InboxEvent) -> None:
        """Returns when the event is stored, or does not concern the bot.

        Raises StoreError if the store fails: Slack must deliver the event again then.
        """
        opens = self._opens_thread(event)
        if self._is_noise(event, opens=opens):
            return
        appended = await self._store.append(event, opens=opens)
        # An earlier delivery may have stored it, and have ended before it woke anybody.
        if appended or opens or await self._store.events(event.thread):
            self.wake(event.thread)
        if not isinstance(event, MessageReceived):
            return
        if opens:
            await self._append_overheard_after(event.message)
        elif not appended:
            self._overheard.append(event.message)

    async def on_uninstall(self, team: TeamId) -> None:
        """Deletes everything about a workspace that has removed the app. Raises StoreError.

        The store takes nothing more of it, at any replica, and what is being stored comes first.
        """
        logger.warning("The app was uninstalled from %s: its data is deleted", team)
        self._overheard.clear()
        if self._sessions is not None:
            await self._sessions.end()
        await self._store.forget_team(team)

    def own(self, sessions: ThreadSessions) -> None:
        """Answers from now on, with these sessions."""
        self._sessions = sessions

    def disown(self) -> None:
        """Answers no more: another replica does. Its sessions are for the caller to close."""
        self._sessions = None

    def wake(self, thread: ThreadKey) -> None:
        """Wakes the session of a thread, if this process is the owner."""
        if self._sessions is not None:
            self._sessions.wake(thread)

    async def append_overheard(self, thread: ThreadKey) -> None:
        """Appends what was overheard of a thread that another replica has made the bot's.

        Raises StoreError.
        """
        if not any(each.thread == thread for each in self._overheard):
            return
        begins = await self._first_received(thread)
        if begins is None:
            return
        for each in [each for each in self._overheard if each.thread == thread]:
            with suppress(ValueError):
                self._overheard.remove(each)
            if each.ts > begins:
                await self._append_later(each)

    async def append_all_overheard(self) -> None:
        """The same for all threads, in case nobody has said which one it is. Raises StoreError."""
        if threads := list(dict.fromkeys(each.thread for each in self._overheard)):
            for thread in await self._store.ours(threads):
                await self.append_overheard(thread)

    def resume(self, threads: Sequence[ThreadKey]) -> None:
        """Wakes threads that an earlier owner left unfinished, in this order, over some time."""
        if self._sessions is not None:
            self._sessions.wake_gradually(threads)

    async def close(self, grace: float) -> None:
        """Begins no new turn, gives running turns `grace` seconds, then abandons the rest."""
        if self._sessions is not None:
            await self._sessions.close(grace)

    def abandon(self) -> None:
        """Abandons running turns at once; the next process continues them."""
        if self._sessions is not None:
            self._sessions.abandon()
            self._sessions.abandon_calls()

    async def idle(self) -> None:
        """Returns when nothing is being answered here."""
        if self._sessions is not None:
            await self._sessions.idle()

    def is_busy(self) -> bool:
        """Whether anything is being answered here."""
        return self._sessions is not None and self._sessions.busy > 0

    def _is_noise(self, event: InboxEvent, *, opens: bool) -> bool:
        """Returns whether an event is the bot's own, or begins a thread without the bot."""
        match event:
            case MessageReceived(message):
                return message.author == "me" or (message.starts_thread and not opens)
            case MessageEdited(message):
                return message.author == "me"
        return False

    def _opens_thread(self, event: InboxEvent) -> bool:
        """Returns whether an event can bring the bot into a thread."""
        match event:
            case MessageReceived(message):
                return is_addressed(message, self._me)
            case MessageEdited(message, before):
                return is_addressed(message, self._me) or is_addressed(before, self._me)
            case MessageDeleted(_, _, before):
                return before is not None and is_addressed(before, self._me)
            case ButtonPressed():  # the person is told if the answer is unknown
                return True
        return False

    async def _append_overheard_after(self, mention: Message) -> None:
        """Appends later messages of the mention's thread that were delivered before the mention."""
        for each in [each for each in self._overheard if each.thread == mention.thread]:
            if each.ts > mention.ts:
                await self._append_later(each)
            with suppress(ValueError):  # both forms of a mention may come at once
                self._overheard.remove(each)

    async def _first_received(self, thread: ThreadKey) -> Ts | None:
        """Returns the first message that the bot has received in a thread: what came before it was
        not for the bot. A message goes from the inbox to those that wait, and into a turn.
        """
        stored = [each.event for each in await self._store.events(thread)]
        received = [each.message.ts for each in stored if isinstance(each, MessageReceived)]
        work = await self._store.waiting(thread)
        received += [each.message.ts for each in work.messages]
        turns = (await self._store.load(thread)).turns
        received += [said.ts for turn in turns if turn.answer for said in turn.messages]
        return min(filter(None, received), default=None)

    async def _append_later(self, message: Message) -> None:
        if await self._store.append(MessageReceived(message), opens=False):
            self.wake(message.thread)
