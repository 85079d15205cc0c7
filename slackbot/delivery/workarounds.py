"""Finds another way to show a reply where Slack refuses a call."""

import logging
from collections.abc import Mapping
from typing import Protocol

from slackbot.delivery.call_budgets import Method
from slackbot.delivery.message_writer import (
    CONTENT_REFUSED,
    MESSAGE_NOT_FOUND,
    STOPPED_BY_USER,
    MessageWriter,
    Style,
)
from slackbot.delivery.page_composer import PageComposer
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_messages import ReplyMessages
from slackbot.errors import DeliveryError

logger = logging.getLogger(__name__)

NOT_EDITABLE = frozenset({"cant_update_message", "edit_window_closed"})
"""The message can't be changed any more; https://docs.slack.dev/reference/methods/chat.update#errors"""

NO_THREADS = frozenset({"cannot_reply_to_message", "restricted_action_non_threadable_channel"})
"""There can be no thread, but perhaps a message in the channel;
https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

PLAINER_STYLES: Mapping[Style, Style] = {"full": "bare", "bare": "plain"}


class Reply(Protocol):
    """What a refusal can change in the reply itself."""

    def stop(self) -> bool:
        """Stops the answer for a person. False if it has already ended."""

    def refuse_stream(self, code: str) -> None:
        """Lets the reply grow by edits, as Slack refused a stream with this code."""


class Workarounds:
    def __init__(
        self,
        reply: Reply,
        location: ReplyLocation,
        messages: ReplyMessages,
        composer: PageComposer,
    ) -> None:
        self._reply = reply
        self._location = location
        self._messages = messages
        self._composer = composer

    def work_around(self, err: DeliveryError, writer: MessageWriter) -> None:
        """Chooses another way to show what Slack refused; raises the error if there is none."""
        if err.method == "chat.startStream":
            self._reply.refuse_stream(err.code)
            return
        if err.code in NO_THREADS and self._messages.in_thread:
            self._messages.leave_thread()
        elif err.code in CONTENT_REFUSED and self._messages.style in PLAINER_STYLES:
            self._show_more_plainly()
        elif err.code in NOT_EDITABLE:
            self._messages.replace(writer)
        elif self._was_deleted_before(err, writer):
            writer.forget()
        elif err.code == STOPPED_BY_USER:
            self._reply.stop()
        else:
            raise err
        logger.warning("%s was refused (%s), going on otherwise", err.method, err.code)

    def change(self, method: Method, writer: MessageWriter, *, ended: bool) -> None:
        """Tries something else where Slack goes on refusing a call for an unknown reason.

        While the answer grows (not `ended`), its message is not replaced by another one.
        """
        if method == "chat.delete":
            writer.give_up_deletion()
        elif self._messages.style in PLAINER_STYLES:
            self._show_more_plainly()
        elif method == "chat.update" and ended:
            self._messages.replace(writer)

    def _show_more_plainly(self) -> None:
        self._messages.restyle(PLAINER_STYLES[self._messages.style])
        if self._messages.style == "plain":
            self._composer.use_plain_text()

    def _was_deleted_before(self, err: DeliveryError, writer: MessageWriter) -> bool:
        """Whether a message of an earlier attempt is gone: the question still has its answer."""
        gone = err.code == MESSAGE_NOT_FOUND
        return gone and not (writer.has_written or self._location.editing)
