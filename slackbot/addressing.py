"""Whom a message is for."""

from slackbot import text
from slackbot.conversation import Message


def is_addressed(message: Message, me: str) -> bool:
    """Whether a person calls the bot, whose user id is `me`, wherever that is."""
    if message.author != "person":
        return False
    return message.direct or me in text.mentioned(message.markup)


def wants_answer(message: Message, me: str) -> bool:
    """Whether a message of a thread of the bot's is for the bot, or between people."""
    if message.author != "person":
        return False
    return message.direct or not text.addresses_others(message.markup, me)
