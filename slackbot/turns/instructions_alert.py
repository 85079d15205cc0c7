"""Tells admins about instructions that can't be read, where they stop an answer."""

import logging

from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.errors import StoreError
from slackbot.instructions import texts
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.settings import UnreadableSettings

logger = logging.getLogger(__name__)


class InstructionsAlert:
    def __init__(self, instructions: InstructionsService, ephemeral: EphemeralMessages) -> None:
        self._instructions = instructions
        self._ephemeral = ephemeral
        self._told: set[UnreadableSettings] = set()

    async def tell(self, thread: ThreadKey, unreadable: UnreadableSettings) -> None:
        """Tells the people who can say what was set, in this thread, once for each revision."""
        if unreadable in self._told:
            return
        self._told.add(unreadable)
        sentence = texts.unreadable(unreadable.scope, unreadable.number)
        try:
            people = await self._instructions.people_who_know(unreadable.scope)
        except StoreError:
            logger.exception("The admins of %s could not be told", thread.channel)
            return
        for user in sorted(people):
            self._ephemeral.begin(thread, user, sentence)
