"""Which messages are meant for the bot."""

from dataclasses import replace

import pytest

from slackbot.conversation.addressing import Answering, is_addressed, wants_answer
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import Message, ThreadKey

ME = UserId("UBOT")
MENTION = Message(
    ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0")), Ts("2.0"), UserId("U1"), f"<@{ME}> why?"
)
FOLLOW_UP = replace(MENTION, markup="and now?")
TO_BEN = replace(MENTION, markup="<@U2> why?")


def test_a_mention_or_a_direct_message_addresses_the_bot() -> None:
    """People address the bot by a mention anywhere, or by a direct message."""
    assert is_addressed(MENTION, ME)
    assert is_addressed(replace(FOLLOW_UP, direct=True), ME)
    assert not is_addressed(FOLLOW_UP, ME)
    assert not is_addressed(TO_BEN, ME)


@pytest.mark.parametrize(
    ("answering", "mention", "follow_up"),
    [("follow-ups", True, True), ("mentions", True, False), ("never", False, False)],
)
def test_what_is_answered_is_a_setting(
    answering: Answering, *, mention: bool, follow_up: bool
) -> None:
    """Mentions and follow-ups are answered as the setting says; messages to others never are."""
    assert wants_answer(MENTION, ME, answering) == mention
    assert wants_answer(FOLLOW_UP, ME, answering) == follow_up
    assert not wants_answer(TO_BEN, ME, answering)


@pytest.mark.parametrize("author", ["bot", "me"])
def test_bots_are_never_answered(author: str) -> None:
    """A bot's message is never meant for the bot, whatever it says."""
    message = replace(MENTION, author=author)  # type: ignore[arg-type]
    assert not is_addressed(message, ME)
    assert not wants_answer(message, ME, "follow-ups")


def test_somebody_who_posted_through_an_app_may_be_a_person() -> None:
    """Their mention counts until it is known who they are, and is not answered before that."""
    message = replace(MENTION, author="app")
    assert is_addressed(message, ME)
    assert not wants_answer(message, ME, "follow-ups")
