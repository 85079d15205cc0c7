"""The heart: hear, think, say; and hear again when people change their minds.

What is heard is safe in the store before Slack is told that it arrived. Each thread is a queue of
its own, which the store keeps: what arrives while its reply is being written waits, and is
answered together in the next one.
"""

import logging
from collections import deque
from typing import Protocol

from slackbot.attachments.service import Attachments
from slackbot.conversation.addressing import is_addressed, wants_answer
from slackbot.conversation.changes import (
    Change,
    ChangeResult,
    Deleted,
    Edited,
    FilesAdded,
    Rated,
    Regenerated,
)
from slackbot.conversation.controls import Press
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.call_scheduler import StreamingMode
from slackbot.delivery.ephemeral import OFF, EphemeralMessages, EphemeralSender
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.speech import Speech
from slackbot.instructions.command_parser import find_command
from slackbot.instructions.commands import InstructionsCommands
from slackbot.llm.model import Model
from slackbot.llm.tool_calls import Tools
from slackbot.markdown import mrkdwn
from slackbot.turns.agent import Agent, SettingsProvider
from slackbot.turns.approvals import Approvals
from slackbot.turns.fair_semaphore import FairSemaphore
from slackbot.turns.store import Store
from slackbot.turns.thread_workers import ThreadWorkers
from slackbot.turns.transcript import ThreadHistory, Transcript
from slackbot.turns.turn_runner import TurnRunner

logger = logging.getLogger(__name__)

OVERHEARD = 100
"""How many messages of other threads are remembered for a moment: Slack may deliver what people
say in a thread before the mention that brought the bot into it."""

THANKS = "Thank you, noted."
TOO_LATE = "That answer is finished already."
UNKNOWN = "I don't remember that answer any more. Please ask again."


class Messenger(ReplyTransport, ThreadHistory, EphemeralSender, Protocol):
    """Slack, as far as the bot needs it."""


class Bot:
    def __init__(  # noqa: PLR0913 - the composition root names each part
        self,
        *,
        me: str,
        model: Model,
        messenger: Messenger,
        store: Store,
        settings_provider: SettingsProvider,
        instructions_commands: InstructionsCommands,
        tool_registry: Tools,
        approvals: Approvals,
        attachments: Attachments,
        speech: Speech,
        context_tokens: int,
        max_replies: int,
        mode: StreamingMode | None = "edit",
    ) -> None:
        """`me` is the bot's own user id, `context_tokens` the most that a request may take."""
        self._me = me
        self._store = store
        self._settings_provider = settings_provider
        self._speech = speech
        self._ephemeral_messages = EphemeralMessages(messenger)
        self._approvals = approvals
        self._transcript = Transcript(messenger, me)
        self._replies = ActiveReplies(messenger, mode)
        self._semaphore = FairSemaphore(max_replies)
        self._turns = TurnRunner(
            me=me,
            transport=messenger,
            store=store,
            transcript=self._transcript,
            speech=self._speech,
            replies=self._replies,
            semaphore=self._semaphore,
            settings_provider=settings_provider,
            instructions_commands=instructions_commands,
            ephemeral_messages=self._ephemeral_messages,
            thinking=Agent(
                model=model,
                settings_provider=settings_provider,
                attachments=attachments,
                tool_registry=tool_registry,
                approvals=approvals,
                context_tokens=context_tokens,
            ),
        )
        self._threads = ThreadWorkers(self._turns.take)
        self._overheard: deque[Message] = deque(maxlen=OVERHEARD)
        self._sent_away: deque[tuple[str, str]] = deque(maxlen=OVERHEARD)
        """Channel and ts of mentions where the bot is switched off: each arrives twice."""

    async def hear(self, message: Message) -> None:
        """Returns when the message is safe in the store, or is none of the bot's business."""
        if message.author == "me":
            return
        addressed = is_addressed(message, self._me)
        if message.starts_thread and not addressed:
            return
        if find_command(message, self._me) is None and await self._is_off(message.thread):
            if addressed:
                self._send_away(message)
            return
        claimed = await self._store.claim(message, opens=addressed)
        if not claimed and message.files and await self._store.knows(message.thread, message.ts):
            await self._change(message.thread, message.ts, FilesAdded(message))
        elif not claimed and not addressed:
            self._overheard.append(message)
        for follow_up in self._overheard_after(message) if addressed else ():
            claimed |= await self._store.claim(follow_up, opens=False)
        if claimed:
            self._threads.wake(message.thread)

    async def edited(self, message: Message, before: Message) -> None:
        """A message says something else now; `before` is what it was. Returns when that is safe in
        the store.
        """
        if message.author == "me" or message == before:
            return
        if await self._store.knows(message.thread, message.ts):
            said = await self._transcript.read(message)
            answering = (await self._settings_provider.effective_settings(message.thread)).answering
            edited = Edited(message, said, wants_answer(message, self._me, answering))
            await self._change(message.thread, message.ts, edited)
        elif self._me not in mrkdwn.mentioned_users(before.markup):  # it may be now
            await self.hear(message)

    async def deleted(self, thread: ThreadKey, ts: str) -> None:
        """A message was deleted. Returns when that is safe in the store."""
        self._replies.deleted(thread.channel, ts)
        await self._change(thread, ts, Deleted(ts))

    async def pressed(self, press: Press) -> None:
        """A person pressed a button. Returns when what they want is safe in the store."""
        match press.button:
            case "stop":
                thread = press.thread
                answer = "" if self._stop(thread.channel, thread.ts, press.ts) else TOO_LATE
            case "confirm" | "decline" as said:
                answer = await self._approvals.decide(press, yes=said == "confirm")
            case "again" if await self._is_off(press.thread):
                answer = OFF
            case "again":
                forgiven = self._forgive(press.thread)
                changed = await self._change(press.thread, press.ts, Regenerated(press.ts))
                begun = forgiven or (changed is not None and changed.again)
                answer = "" if begun else UNKNOWN
            case verdict:
                rated = Rated(press.ts, press.user, verdict)
                changed = await self._change(press.thread, press.ts, rated)
                answer = THANKS if changed else UNKNOWN
                counted = await self._store.feedback(press.thread.team)
                logger.info("Answers rated so far: %(good)d good, %(bad)d bad", counted)
        if answer:
            self._ephemeral_messages.begin(press.thread, press.user, answer)

    def stopped(self, channel: str, thread_ts: str) -> None:
        """A person pressed Slack's own stop button in a thread."""
        self._stop(channel, thread_ts, thread_ts)

    async def uninstalled(self, team: str) -> None:
        """The workspace has removed the app: nothing of it is kept."""
        logger.warning("The app was uninstalled from %s: its data is deleted", team)
        await self._store.forget_team(team)
        self._threads.abandon()

    async def resume(self) -> None:
        """Takes up what an earlier run heard and did not finish."""
        for thread in await self._store.unanswered():
            self._turns.resume(thread)
            self._threads.wake(thread)

    async def close(self, grace: float) -> None:
        """Takes no new work, gives what is under way `grace` seconds, leaves the rest as it is."""
        self._semaphore.close()
        await self._threads.close(grace)
        await self._ephemeral_messages.close()
        await self._speech.close()

    def abandon(self) -> None:
        """Leaves what is under way as it is, at once; the next run takes it up."""
        self._threads.abandon()

    async def idle(self) -> None:
        """Returns when nothing is being answered."""
        await self._threads.idle()

    def is_busy(self) -> bool:
        """Whether anything is being answered."""
        return self._threads.busy > 0

    async def _change(self, thread: ThreadKey, ts: str, change: Change) -> ChangeResult | None:
        await self._turns.until_stored(thread)
        changed = await self._store.change(thread, ts, change)
        if changed is not None:
            said = isinstance(change, Edited | Deleted) or changed.waiting
            if said and self._turns.concern(thread, ts):
                self._threads.interrupt(thread)
            if changed.waiting or changed.again:
                self._turns.forgive(thread)
                self._threads.wake(thread)
        return changed

    def _stop(self, channel: str, thread_ts: str, ts: str) -> bool:
        """Ends the reply that a person means by a message, also one that has not begun."""
        if self._replies.stop(channel, ts):
            return True
        thread = self._turns.stop(channel, thread_ts, ts)
        if thread is not None:
            self._threads.interrupt(thread)
        return thread is not None

    def _forgive(self, thread: ThreadKey) -> bool:
        """Tries once more what had failed in a way that nobody foresaw."""
        forgiven = self._turns.forgive(thread)
        if forgiven:
            self._threads.wake(thread)
        return forgiven

    def _overheard_after(self, mention: Message) -> list[Message]:
        """What was said in the mention's thread after it and came before it; forgotten now."""
        here = [each for each in self._overheard if each.thread == mention.thread]
        for each in here:
            self._overheard.remove(each)
        return [each for each in here if each.ts > mention.ts]

    async def _is_off(self, thread: ThreadKey) -> bool:
        return (await self._settings_provider.effective_settings(thread)).answering == "never"

    def _send_away(self, message: Message) -> None:
        """Nothing is stored of what is said where the bot is switched off."""
        name = message.thread.channel, message.ts
        if name not in self._sent_away:
            self._sent_away.append(name)
            self._ephemeral_messages.begin(message.thread, message.user, OFF)
