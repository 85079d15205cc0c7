"""The agent loop: asks the model, runs the tools that it calls, and asks again.

The results of tools are stored as they arrive. After a crash the next run continues from there. It
does not repeat a call whose result was stored, nor one that had begun, as that may have taken
effect. The model is told so, and may call the tool again.
"""

import logging
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import aclosing

from slackbot.attachments.service import Attachments, PreparedAttachments
from slackbot.conversation.deltas import (
    Delta,
    ModelDelta,
    NoteDelta,
    QuoteDelta,
    RetryDelta,
    TextDelta,
    ToolCallDelta,
    ToolResultDelta,
    ToolRoundDelta,
)
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import ToolRound
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import LostStoreError, StoreError
from slackbot.llm import tool_calls
from slackbot.llm.model import Model
from slackbot.llm.prompt_builder import PromptInputs, remaining_tokens
from slackbot.llm.tool_call_assembler import ToolCallAssembler
from slackbot.llm.tool_offer import ToolOffer, Tools
from slackbot.llm.withheld_results import is_of
from slackbot.turns import texts
from slackbot.turns.answer_request import AnswerRequest
from slackbot.turns.approvals import Approvals
from slackbot.turns.model_request import ModelRequest
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.tool_executor import ToolExecutor, ToolProgress
from slackbot.turns.turn_slot import TurnSlot

logger = logging.getLogger(__name__)

KeepRounds = Callable[[Sequence[ToolRound]], Awaitable[None]]
"""Stores the tool rounds so far, for the next run if this one ends. May raise StoreError."""


class Agent:
    def __init__(
        self,
        *,
        model: Model,
        attachments: Attachments,
        tool_registry: Tools,
        approvals: Approvals,
        roles: RoleDirectory,
        context_tokens: int,
    ) -> None:
        """`context_tokens` is the maximum size of a request."""
        self._model = model
        self._attachments = attachments
        self._tool_registry = tool_registry
        self._approvals = approvals
        self._roles = roles
        self._context_tokens = context_tokens

    async def answer(
        self, request: AnswerRequest, keep: KeepRounds, slot: TurnSlot
    ) -> AsyncIterator[Draft]:
        """Yields the draft at once and after each change; it is always the same object.

        The `slot` is given back while people are asked to approve tools.

        Raises SlackbotError if the draft can't be finished.
        """
        draft = Draft(request.conversation)
        draft.on_asked = self._approvals.shown
        draft.on_unasked = self._approvals.withdraw
        _replay(request.conversation.turns[-1].tool_rounds, draft)
        yield draft
        offer = await self._offer(request)
        if request.kept is not None and not draft.tool_rounds:
            _replay(request.kept.not_repeated(offer), draft)
        prepared = await self._prepared(request, offer)
        draft.conversation = prepared.conversation
        draft.aloud = prepared.has_speech or "speech" in request.settings.extras
        for companion in _companions(prepared):
            draft.add(companion)
        if request.conversation.lost:
            draft.add(NoteDelta(texts.LOST_HISTORY))
        if request.conversation.unread:
            draft.add(NoteDelta(request.conversation.unread))
        yield draft
        model_request = ModelRequest(self._model, offer, request, prepared, self._context_tokens)
        async for delta in self._deltas(request, model_request, draft, keep, slot):
            draft.add(delta)
            yield draft

    async def _offer(self, request: AnswerRequest) -> ToolOffer:
        """The tools for the whole answer: the same for each of its requests, which begin alike."""
        tools, user = self._tool_registry, request.caller.user
        if not user:
            return ToolOffer()
        await tools.refresh()
        earlier = request.conversation.turns[:-1]
        if any(turn.tool_rounds and not is_of(user, turn) for turn in earlier):
            return tools.offer(await self._roles.role_for_results(user))
        return tools.offer(await self._roles.role_for_offer(user, tools.highest_role))

    async def _prepared(self, request: AnswerRequest, offer: ToolOffer) -> PreparedAttachments:
        inputs = PromptInputs(
            request.conversation,
            request.settings.text,
            offer.definitions,
            has_reserved_tools=bool(offer.reserved),
        )
        return await self._attachments.prepare(
            request.thread,
            request.conversation,
            request.caller.user,
            accepts_audio=self._model.accepts_audio(request.settings.model),
            remaining_tokens=remaining_tokens(inputs, self._context_tokens),
        )

    async def _deltas(
        self,
        request: AnswerRequest,
        model_request: ModelRequest,
        draft: Draft,
        keep: KeepRounds,
        slot: TurnSlot,
    ) -> AsyncIterator[Delta]:
        """Yields the deltas of the draft; the caller adds each before it asks for the next one."""
        must_answer = False
        executor = ToolExecutor(
            self._tool_registry,
            self._approvals,
            self._roles,
            caller=request.caller,
            slot=slot,
            kept=request.kept,
        )
        while not must_answer:
            assembler = ToolCallAssembler()
            must_answer = len(draft.tool_rounds) >= tool_calls.MAX_TOOL_ROUNDS
            response = model_request.deltas(draft, must_answer=must_answer)
            async with aclosing(_without_calls(response, assembler)) as deltas:
                async for delta in deltas:
                    yield delta
            if not assembler:
                return
            calls, refused = assembler.assemble(_call_ids(draft))
            offered = model_request.offer.definitions
            refused = {**tool_calls.beyond_limit(calls, draft.used_tools, offered), **refused}
            if must_answer:
                refused = {call.id: tool_calls.TOO_MANY_ROUNDS for call in calls}
            yield ToolRoundDelta(calls)
            for call in calls:
                if call.id in refused:
                    yield ToolResultDelta(call.id, refused[call.id])
            offer = model_request.offer
            async for progress in _tool_round(executor, offer, request.thread, draft, keep):
                yield progress


async def _without_calls(
    response: AsyncGenerator[ModelDelta | RetryDelta, None], assembler: ToolCallAssembler
) -> AsyncGenerator[ModelDelta | RetryDelta, None]:
    """Yields all but the tool calls of a response, which go to the assembler until it is full."""
    async with aclosing(response) as deltas:
        async for delta in deltas:
            if isinstance(delta, ToolCallDelta):
                assembler.add(delta)
                if assembler.is_full:
                    return
                continue
            if isinstance(delta, RetryDelta):
                assembler.clear()
            yield delta


def _replay(rounds: Iterable[ToolRound], draft: Draft) -> None:
    """Adds the tool rounds of an earlier attempt. A call without a result was interrupted."""
    for each in rounds:
        draft.add(TextDelta(each.text))
        draft.add(ToolRoundDelta(each.calls))
        for call in each.calls:
            result = each.results.get(call.id, tool_calls.INTERRUPTED)
            draft.add(ToolResultDelta(call.id, result))
    draft.replayed_rounds = len(draft.tool_rounds)


def _companions(prepared: PreparedAttachments) -> Iterator[QuoteDelta | NoteDelta]:
    yield from map(QuoteDelta, prepared.quotes)
    yield from map(NoteDelta, prepared.notices)


def _call_ids(draft: Draft) -> set[str]:
    """Returns the IDs of all calls that the model has made."""
    earlier = [each for turn in draft.conversation.turns for each in turn.tool_rounds]
    return {call.id for each in (*earlier, *draft.tool_rounds) for call in each.calls}


async def _tool_round(
    executor: ToolExecutor, offer: ToolOffer, thread: ThreadKey, draft: Draft, keep: KeepRounds
) -> AsyncIterator[ToolProgress]:
    """Runs the awaited calls of the draft's last round, and stores each result.

    If the answer is cancelled, the results that arrived meanwhile are stored too.
    """
    await _keep(keep, draft, thread)
    try:
        async with aclosing(executor.run(draft.tool_rounds[-1].awaited, offer)) as progress:
            async for delta in progress:
                yield delta
                if isinstance(delta, ToolResultDelta):
                    await _keep(keep, draft, thread)
    finally:
        if late := executor.unread_results():
            for delta in late:
                draft.add(delta)
            await _keep(keep, draft, thread)


async def _keep(keep: KeepRounds, draft: Draft, thread: ThreadKey) -> None:
    """Stores the rounds. If that fails the answer goes on: they are only needed after a crash."""
    try:
        await keep(draft.tool_rounds)
    except LostStoreError:
        raise
    except StoreError:
        logger.exception("The tools used in %s could not be stored", thread.channel)
