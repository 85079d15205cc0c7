"""Keeps what tools returned for one person from others who could not have used them. Pure.

The results of tools stay in a thread's history, where the answer tells only a part of them. A guest
could ask for the rest: of a ticket that a member looked up, or of a thread in a channel that the
guest can't see.
"""

from dataclasses import replace

from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Role
from slackbot.llm.tool_offer import ToolOffer


def withhold_results(
    conversation: Conversation, requester: UserId, offer: ToolOffer
) -> Conversation:
    """The conversation as the requester of its last turn may read it.

    Turns in which somebody else used tools that are not offered to the requester for lack of
    rights keep their answer alone. So does each use of tools by others, if the requester is a
    guest or an outsider: what a tool returns may depend on what a person can see.
    """
    *earlier, last = conversation.turns
    turns = (*(_as_seen_by(requester, turn, offer) for turn in earlier), last)
    return replace(conversation, turns=turns)


def is_of(user: UserId, turn: Turn) -> bool:
    """Whether a turn answers this person alone."""
    return {each.user for each in turn.messages if each.for_bot} == {user}


def _as_seen_by(requester: UserId, turn: Turn, offer: ToolOffer) -> Turn:
    """What was written around the calls stays: people saw it in Slack."""
    used = {call.name for each in turn.tool_rounds for call in each.calls}
    may_read = offer.role >= Role.MEMBER and used.isdisjoint(offer.reserved)
    if not used or is_of(requester, turn) or may_read:
        return turn
    answer = turn.answer
    if answer is not None:
        texts = (*(each.text for each in turn.tool_rounds), answer.text)
        answer = replace(answer, text="\n\n".join(filter(None, texts)))
    return replace(turn, tool_rounds=(), answer=answer)
