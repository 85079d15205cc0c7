"""One thread's session with a real store and agent, a scripted model, and a transport in memory."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from slackbot.attachments.file_reader import FetchedFile
from slackbot.attachments.media_parts import AudioContent, PreparedFile
from slackbot.attachments.service import Attachments
from slackbot.attachments.transcripts import Transcripts
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.controls import Controls
from slackbot.conversation.deltas import FinishDelta, ModelDelta, TextDelta
from slackbot.conversation.history import Conversation
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import InboxEvent
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.conversation.roles import Member
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.annotations import Task
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.reply_transport import (
    FoundMessage,
    MessageContent,
    ReplyMessageId,
    SessionStatus,
)
from slackbot.delivery.speech import Speech
from slackbot.errors import DeliveryError, UnreachableError
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.scopes import Presence, Scope
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.text_reader import TextReader
from slackbot.llm.model import OnStarting, tell_nobody
from slackbot.llm.prompt import Prompt
from slackbot.store import RecordStore, open_store
from slackbot.tools.registry import ToolRegistry
from slackbot.turns.agent import Agent
from slackbot.turns.app_senders import AppSenders
from slackbot.turns.approvals import Approvals
from slackbot.turns.fair_semaphore import FairSemaphore
from slackbot.turns.instructions_alert import InstructionsAlert
from slackbot.turns.regeneration_rights import RegenerationRights
from slackbot.turns.restart_pacer import RestartPacer
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.session_services import SessionServices
from slackbot.turns.thread_session import SessionState, ThreadSession
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn_runner import TurnRunner

ME = UserId("UBOT")
THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1000.000000"))


@dataclass
class ShownMessage:
    """One of the bot's messages in the thread."""

    message_id: ReplyMessageId
    text: str
    controls: Controls


class MemoryTransport:
    """The thread as people see it.

    After `slow_down`, posts appear when it has to `catch_up`; after `fall_silent`, they appear at
    once, and are answered then. `lose_answer` lets the next post appear and fail.
    """

    def __init__(self, on_call: Callable[[], None]) -> None:
        self.on_call = on_call
        self.messages: dict[Ts, ShownMessage] = {}
        self.told: list[tuple[UserId, str]] = []
        """Ephemeral messages: user, sentence."""
        self.looks = 0
        self._clock = count(5000)
        self._open = asyncio.Event()
        self._open.set()
        self.standing = asyncio.Event()
        """A post waits until Slack catches up."""
        self._appear_at_once = False
        self._loses_answer = False
        self._posts: set[asyncio.Task[Ts]] = set()

    def slow_down(self) -> None:
        self._open.clear()
        self._appear_at_once = False

    def fall_silent(self) -> None:
        self._open.clear()
        self._appear_at_once = True

    def lose_answer(self) -> None:
        self._loses_answer = True

    async def catch_up(self) -> None:
        """Returns when every post that was asked for has appeared."""
        self._open.set()
        if self._posts:
            await asyncio.wait(set(self._posts))

    async def post(
        self,
        thread: ThreadKey,
        content: MessageContent,
        message_id: ReplyMessageId,
        *,
        in_thread: bool = True,
    ) -> Ts:
        """The message appears even if nobody waits for it any more."""
        assert thread == THREAD
        assert in_thread
        self.on_call()
        post = asyncio.create_task(self._post(content, message_id))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)
        return await asyncio.shield(post)

    async def _post(self, content: MessageContent, message_id: ReplyMessageId) -> Ts:
        if not self._appear_at_once:
            await self._until_caught_up()
        ts = Ts(f"{next(self._clock)}.000000")
        self.messages[ts] = ShownMessage(message_id, content.markdown or "", content.controls)
        if self._appear_at_once:
            await self._until_caught_up()
        loses_answer, self._loses_answer = self._loses_answer, False
        if loses_answer:
            raise UnreachableError("chat.postMessage", sent=True)
        return ts

    async def _until_caught_up(self) -> None:
        self.standing.set()
        await self._open.wait()
        self.standing.clear()

    async def edit(
        self, thread: ThreadKey, ts: Ts, content: MessageContent, message_id: ReplyMessageId
    ) -> None:
        assert thread == THREAD
        self.on_call()
        if ts not in self.messages:
            raise DeliveryError("chat.update", "message_not_found")
        self.messages[ts] = ShownMessage(message_id, content.markdown or "", content.controls)

    async def delete(self, thread: ThreadKey, ts: Ts) -> None:
        assert thread == THREAD
        self.on_call()
        if self.messages.pop(ts, None) is None:
            raise DeliveryError("chat.delete", "message_not_found")

    async def find_messages(
        self, thread: ThreadKey, intent: PostIntent, *, in_thread: bool = True
    ) -> Sequence[FoundMessage]:
        assert thread == THREAD
        assert in_thread
        self.looks += 1
        return [
            FoundMessage(message.message_id.number, ts)
            for ts, message in self.messages.items()
            if message.message_id.key == intent.key and ts > intent.since
        ]

    async def status(self, thread: ThreadKey, text: str) -> None:
        """It is not looked at."""

    async def start_stream(
        self, thread: ThreadKey, recipient: UserId, markdown: str, tasks: Sequence[Task]
    ) -> Ts:
        raise NotImplementedError

    async def append_stream(
        self, thread: ThreadKey, ts: Ts, markdown: str, tasks: Sequence[Task]
    ) -> None:
        raise NotImplementedError

    async def stop_stream(
        self,
        thread: ThreadKey,
        ts: Ts,
        markdown: str,
        *,
        tasks: Sequence[Task],
        controls: Controls,
        message_id: ReplyMessageId,
        session_status: SessionStatus,
    ) -> None:
        raise NotImplementedError

    async def set_session_status(self, thread: ThreadKey, status: SessionStatus) -> None:
        """It is not looked at."""

    async def send_ephemeral(
        self,
        thread: ThreadKey,
        user: UserId,
        sentence: str,
        *,
        in_thread: bool,  # noqa: ARG002 - all of it is one thread
    ) -> None:
        assert thread == THREAD
        self.told.append((user, sentence))

    async def post_note(self, channel: ChannelId, text: str) -> None:
        raise NotImplementedError

    async def display_name(self, user: UserId) -> str | None:
        return f"Name of {user}"

    async def mention_name(
        self,
        mentioned: str,
        here: ChannelId,  # noqa: ARG002 - nothing is private
        reader: UserId = UserId(""),  # noqa: ARG002 - nor is anything hidden
    ) -> str | None:
        return f"name-of-{mentioned}"

    async def history(self, thread: ThreadKey, *, before: Ts, newest: int) -> list[Message]:  # noqa: ARG002 - the bot was there from the beginning
        return []


class EchoModel:
    """Answers with all that was said after its last answer; while held it stops in the middle."""

    def __init__(self, on_call: Callable[[], None]) -> None:
        self.on_call = on_call
        self._open = asyncio.Event()
        self._open.set()
        self.standing = asyncio.Event()
        """An answer has stopped in the middle."""

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def accepts_audio(self, model: str) -> bool:  # noqa: ARG002 - none does
        return False

    def refused_tools(self, model: str) -> frozenset[str]:  # noqa: ARG002 - nothing
        return frozenset()

    async def stream(
        self,
        prompt: Prompt,
        *,
        model: str,  # noqa: ARG002 - all answer the same
        cache_key: str,  # noqa: ARG002
        on_starting: OnStarting = tell_nobody,  # noqa: ARG002 - it answers at once
    ) -> AsyncGenerator[ModelDelta, None]:
        self.on_call()
        asked: list[str] = []
        for message in prompt.messages:
            if message.role == "assistant":
                asked.clear()
            elif message.role == "user":
                asked.append(message.content)
        yield TextDelta("To: ")
        self.standing.set()
        await self._open.wait()
        self.standing.clear()
        yield TextDelta(f"{' + '.join(asked)}.")
        yield FinishDelta()


class Nobody:
    """The edges that a conversation in plain text never reaches."""

    async def find(self, channel: ChannelId, attachment: Attachment) -> FetchedFile:
        raise NotImplementedError

    async def extract(
        self, attachment: Attachment, content: bytes, max_text_bytes: int
    ) -> PreparedFile:
        raise NotImplementedError

    async def transcribe(self, audio: AudioContent) -> str:
        raise NotImplementedError

    async def speak(self, text: str) -> bytes:
        raise NotImplementedError

    async def upload(self, thread: ThreadKey, name: str, content: bytes, title: str) -> None:
        raise NotImplementedError

    async def is_bot(self, user: UserId) -> bool:
        raise NotImplementedError

    def known_member(self, user: UserId) -> Member:
        return Member(user)

    async def member_soon(self, user: UserId) -> Member:
        return Member(user)

    async def member(self, user: UserId) -> Member:
        return Member(UserId(user))

    async def fresh_member(self, user: UserId) -> Member:
        return Member(UserId(user))

    async def sees(self, user: UserId, channel: ChannelId) -> bool:  # noqa: ARG002 - everybody does
        return True

    async def is_member(self, user: UserId, channel: ChannelId) -> bool:  # noqa: ARG002 - everybody is
        return True

    async def starter(self, thread: Scope) -> UserId:
        raise NotImplementedError

    async def presence(self, channel: ChannelId) -> Presence:
        raise NotImplementedError


@dataclass
class SessionHarness:
    """The session of THREAD; `start` and `end` are a process's."""

    url: str
    transport: MemoryTransport = field(init=False)
    model: EchoModel = field(init=False)
    store: RecordStore = field(init=False)
    session: ThreadSession = field(init=False)
    services: SessionServices = field(init=False)
    states_at_calls: set[SessionState] = field(default_factory=set)
    """In which states the session has called Slack to show something, or the model."""

    def __post_init__(self) -> None:
        self.transport, self.model = MemoryTransport(self._on_call), EchoModel(self._on_call)

    async def start(self) -> None:
        self.store = await open_store(self.url)
        self.services = self._services()
        self.session = ThreadSession(THREAD, self.services)
        if await self.store.unanswered():
            self._wake()

    async def end(self) -> None:
        """Abandons running turns; calls that were made still take effect."""
        self.session.abandon()
        self.session.abandon_call()
        await self.transport.catch_up()
        await self.idle()
        await self.services.ephemeral.close()
        await self.services.background.close()
        await self.store.close()

    async def lose_session(self) -> None:
        """The session dies as by a bug, and the thread gets another one."""
        self.session.abandon()
        self.session.abandon_call()
        await self.idle()
        self.session = ThreadSession(THREAD, self.services)

    async def wake(self) -> None:
        """Wakes the session, and returns when it sleeps."""
        self._wake()
        await self.idle()

    async def deliver(self, event: InboxEvent) -> None:
        """Returns when the event is safe in the store."""
        if await self.store.append(event, opens=True):
            self._wake()

    async def idle(self) -> None:
        """Returns when the session sleeps."""
        while self.session.task is not None and not self.session.task.done():
            await asyncio.wait({self.session.task})

    async def quiet(self) -> None:
        """Returns when the session sleeps, or when the model or Slack keeps it waiting."""
        ends = (self.model.standing.wait(), self.transport.standing.wait(), self.idle())
        tasks = {asyncio.ensure_future(end) for end in ends}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def placed(self) -> None:
        """Returns when the messages of a reply are recorded for what waits."""
        while not any(each.reply_ts for each in (await self.store.waiting(THREAD)).messages):
            """Each look lets the session go on."""

    async def stored(self) -> Conversation:
        return await self.store.load(THREAD)

    def _on_call(self) -> None:
        self.states_at_calls.add(self.session.state)

    def _wake(self) -> None:
        self.session.wake(lambda _: None)

    def _services(self) -> SessionServices:
        nobody, transport, store = Nobody(), self.transport, self.store
        transcript = Transcript(transport, ME)
        attachments = Attachments(nobody, nobody, Transcripts(nobody), 100_000)
        roles = RoleDirectory(nobody, ())
        approvals = Approvals(roles)
        instructions = InstructionsService(
            default_text="You are a pirate.", admins=(), revision_store=store, members=nobody
        )
        text_reader = TextReader(attachments, bot_user=ME, names=transport)
        agent = Agent(
            model=self.model,
            attachments=attachments,
            tool_registry=ToolRegistry([]),
            approvals=approvals,
            roles=roles,
            context_tokens=100_000,
        )
        ephemeral = EphemeralMessages(transport)
        runner = TurnRunner(
            transcript=transcript,
            replies=ActiveReplies(transport, RateLimiter(("edit",)), ephemeral),
            semaphore=FairSemaphore(1),
            agent=agent,
            speech=Speech(nobody, nobody),
            restarts=RestartPacer([0.0]),
        )
        ephemeral = EphemeralMessages(transport)
        return SessionServices(
            me=ME,
            store=store,
            transcript=transcript,
            settings=instructions,
            runner=runner,
            commands=InstructionsCommands(instructions, text_reader),
            approvals=approvals,
            regeneration=RegenerationRights(roles, nobody),
            ephemeral=ephemeral,
            alert=InstructionsAlert(instructions, ephemeral),
            senders=AppSenders(nobody, ephemeral),
        )
