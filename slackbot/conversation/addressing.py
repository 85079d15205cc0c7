"""Decides which messages are meant for the bot."""

from typing import Literal

from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import Message
from slackbot.markdown import mrkdwn

Answering = Literal["follow-ups", "mentions", "never"]
"""What is answered: mentions and later questions in their threads; only mentions; nothing."""


def is_addressed(message: Message, me: UserId) -> bool:
    """Returns whether a person mentions the bot, whose user ID is `me`, or writes it a DM.

    Somebody who posted through an app may be a person.
    """
    if message.author in {"bot", "me"}:
        return False
    return message.direct or me in mrkdwn.mentioned_users(message.markup)


def wants_answer(message: Message, me: UserId, answering: Answering) -> bool:
    """Returns whether the bot answers this message in one of its threads."""
    if message.author != "person" or answering == "never":
        return False
    if is_addressed(message, me):
        return True
    return answering == "follow-ups" and not mrkdwn.addresses_others(message.markup, me)
