"""Whom a message is for."""

from typing import Literal

from slackbot.conversation.messages import Message
from slackbot.markdown import mrkdwn

Answering = Literal["follow-ups", "mentions", "never"]
"""What is answered: mentions and what is asked on in their threads; mentions alone; nothing."""


def is_addressed(message: Message, me: str) -> bool:
    """Whether a person calls the bot, whose user id is `me`, wherever that is."""
    if message.author != "person":
        return False
    return message.direct or me in mrkdwn.mentioned_users(message.markup)


def wants_answer(message: Message, me: str, answering: Answering) -> bool:
    """Whether a message of a thread of the bot's is for the bot, and it answers such ones there."""
    if message.author != "person" or answering == "never":
        return False
    if is_addressed(message, me):
        return True
    return answering == "follow-ups" and not mrkdwn.addresses_others(message.markup, me)
