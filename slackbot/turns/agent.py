"""How an answer comes about: the model is asked, the tools it calls are run, and it is asked again.

What a round of tools came to is kept in the store as it comes. After a crash the next run goes on
from there: a call whose result was kept is not run again, and one that had begun is not either,
since it may have taken effect. The model is told so, and may call it anew.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

from slackbot.attachments.service import Attachments, PreparedAttachments
from slackbot.conversation.deltas import Delta
from slackbot.conversation.history import Conversation, ToolCall, ToolRound
from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.annotations import question
from slackbot.errors import BrokenAnswerError, ContextOverflowError, StoreError
from slackbot.instructions.scopes import EffectiveSettings
from slackbot.llm import prompt, tool_calls
from slackbot.llm.model import Model
from slackbot.llm.prompt import Prompt
from slackbot.llm.tool_calls import Caller, ToolCallAssembler, Tools
from slackbot.turns.approvals import Approvals
from slackbot.turns.turn import PendingTurn

logger = logging.getLogger(__name__)


class SettingsProvider(Protocol):
    async def effective_settings(self, thread: ThreadKey) -> EffectiveSettings:
        """What holds in a thread now. Raises StoreError."""


class Agent:
    def __init__(  # noqa: PLR0913 - what an answer is made with
        self,
        *,
        model: Model,
        settings_provider: SettingsProvider,
        attachments: Attachments,
        tool_registry: Tools,
        approvals: Approvals,
        context_tokens: int,
    ) -> None:
        """`context_tokens` is the most that a request may take."""
        self._model = model
        self._settings_provider = settings_provider
        self._attachments = attachments
        self._tool_registry = tool_registry
        self._approvals = approvals
        self._context_tokens = context_tokens

    async def answer(self, turn: PendingTurn) -> AsyncIterator[Delta]:
        """The answer to a turn that has begun, piece by piece, with the tools used for it."""
        effective_settings = await self._settings_provider.effective_settings(turn.thread)
        hears = self._model.hears(effective_settings.model)
        remaining_tokens = prompt.remaining_tokens(
            turn.conversation,
            effective_settings.text,
            self._context_tokens,
            self._tool_registry.tools(),
        )
        prepared_attachments = await self._attachments.prepare(
            turn.thread, turn.conversation, accepts_audio=hears, remaining_tokens=remaining_tokens
        )
        turn.conversation = prepared_attachments.conversation
        turn.aloud = prepared_attachments.has_speech or "speech" in effective_settings.extras
        for quote in prepared_attachments.quotes:
            yield Delta("quote", quote)
        for note in prepared_attachments.notices:
            yield Delta("note", note)
        request = ModelRequest(
            self._model,
            self._tool_registry,
            effective_settings,
            self._context_tokens,
            prepared_attachments,
            hears=hears,
        )
        async for delta in self._deltas(turn, request):
            turn.draft.add(delta)
            yield delta

    async def _deltas(self, turn: PendingTurn, request: "ModelRequest") -> AsyncIterator[Delta]:
        for delta in _so_far(turn.conversation.turns[-1].tool_rounds):
            yield delta
        to_answer = False
        while not to_answer:
            calls = ToolCallAssembler()
            to_answer = len(turn.draft.tool_rounds) >= tool_calls.MOST_ROUNDS
            async for delta in request.deltas(turn, to_answer=to_answer):
                if delta.kind == "anew":
                    calls = ToolCallAssembler()
                elif delta.piece is not None:
                    calls.add(delta.piece)
                yield delta
            if not calls:
                return
            async for delta in self._use(turn, calls, in_vain=to_answer):
                yield delta

    async def _use(
        self, turn: PendingTurn, calls: ToolCallAssembler, *, in_vain: bool
    ) -> AsyncIterator[Delta]:
        """Runs the calls of one round together, and tells of each result as it comes."""
        gathered, results = calls.gathered(_ids(turn) | self._approvals.asked(turn.thread))
        if in_vain:
            results = {call.id: tool_calls.NO_MORE for call in gathered}
        yield Delta("calls", calls=gathered)
        for call in gathered:
            if call.id in results:
                yield Delta("result", results[call.id], calls=(call,))
        await _keep(turn)
        told: asyncio.Queue[Delta] = asyncio.Queue()
        use = ToolExecutor(self._tool_registry, self._approvals, turn.caller, told)
        awaited = turn.draft.tool_rounds[-1].awaited
        running = [asyncio.create_task(use.of(call)) for call in awaited]
        try:
            while turn.draft.tool_rounds[-1].awaited:
                delta = await told.get()
                yield delta
                if delta.kind == "result":
                    await _keep(turn)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


class ModelRequest:
    """The request for one answer; where the history turns out too long it stays shortened."""

    def __init__(  # noqa: PLR0913 - what a request is made of
        self,
        model: Model,
        tools: Tools,
        effective_settings: EffectiveSettings,
        budget: float,
        prepared_attachments: PreparedAttachments,
        *,
        hears: bool,
    ) -> None:
        self._model = model
        self._prepared_attachments = prepared_attachments
        self._hears = hears
        self._tools = tools
        self._in_force = effective_settings
        self._budget = budget
        self._shortened = False

    async def deltas(self, turn: PendingTurn, *, to_answer: bool) -> AsyncIterator[Delta]:
        """What the model writes next; asked once more with a shorter history if that was too long,
        and once more as it was if the answer broke off.
        """
        cache_key = sha256(repr(turn.thread).encode()).hexdigest()[:32]
        conversation = turn.conversation.using(turn.draft.tool_rounds)
        broken = False
        while True:
            search = "search" in self._in_force.extras
            fitted = self._fitted(conversation, aloud=turn.aloud)
            turn.prompt = replace(fitted, to_answer=to_answer, search=search)
            try:
                async for delta in self._model.stream(
                    turn.prompt, model=self._in_force.model, cache_key=cache_key
                ):
                    yield delta
            except ContextOverflowError:
                if self._shortened:
                    raise
                self._shortened = True
                sent = turn.prompt.cost(conversation.tokens_per_byte)
                self._budget = sent * prompt.KEPT_SHARE
            except BrokenAnswerError:
                if broken:
                    raise
                broken = True
                logger.info("An answer in %s broke off, asking once more", turn.thread.channel)
                yield Delta("anew")
            else:
                return

    def _fitted(self, conversation: Conversation, *, aloud: bool) -> Prompt:
        fitted = prompt.build_prompt(
            conversation,
            self._in_force.text,
            self._budget,
            self._tools.tools(),
            media=self._prepared_attachments.media,
            hearing=time.time() if self._hears else None,
        )
        # Audio models insist on sound, on one side or the other.
        return replace(fitted, aloud=self._hears and (aloud or not fitted.is_heard))


class ToolExecutor:
    """The use of one round's tools. What people have to confirm they are asked one by one."""

    def __init__(
        self, tools: Tools, approvals: Approvals, caller: Caller, told: asyncio.Queue[Delta]
    ) -> None:
        """`told` is told when a person is asked, and of each result."""
        self._tools = tools
        self._approvals = approvals
        self._caller = caller
        self._told = told
        self._asking = asyncio.Lock()

    async def of(self, call: ToolCall) -> None:
        try:
            result = await self._result(call)
        except Exception:  # a bug of ours must not leave the model without a result
            logger.exception("A tool could not be used")
            result = tool_calls.FAILED
        self._told.put_nowait(Delta("result", result, calls=(call,)))

    async def _result(self, call: ToolCall) -> str:
        requires_approval = {tool.name for tool in self._tools.tools() if tool.requires_approval}
        if call.name in requires_approval:
            if (problem := self._tools.problem(call)) is not None:
                return problem
            if question(call) is None:
                return tool_calls.UNSHOWABLE
            async with self._asking:
                self._told.put_nowait(Delta("ask", calls=(call,)))
                yes = await self._approvals.given(call, self._caller)
                self._told.put_nowait(Delta("asked", calls=(call,)))
            if not yes:
                return tool_calls.UNCONFIRMED if yes is None else tool_calls.DECLINED
        return tool_calls.shortened(await self._tools.use(call, self._caller))


def _so_far(rounds: Sequence[ToolRound]) -> Iterator[Delta]:
    """What an earlier run has come to. What it was at when it ended is broken off."""
    for each in rounds:
        yield Delta("text", each.text)
        yield Delta("calls", calls=each.calls)
        for call in each.calls:
            yield Delta("result", each.results.get(call.id, tool_calls.INTERRUPTED), calls=(call,))


def _ids(turn: PendingTurn) -> set[str]:
    """The ids of all calls that the model knows of."""
    used = [each for earlier in turn.conversation.turns for each in earlier.tool_rounds]
    return {call.id for each in (*used, *turn.draft.tool_rounds) for call in each.calls}


async def _keep(turn: PendingTurn) -> None:
    """The answer goes on where it can't be kept: only a crash now would run a tool twice."""
    try:
        await turn.keep()
    except StoreError:
        logger.exception("The tools used in %s could not be stored", turn.thread.channel)
