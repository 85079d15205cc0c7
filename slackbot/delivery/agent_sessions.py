"""Tells Slack in which threads the bot works, so that people see Slack's own Stop button there.

A stream carries no buttons until it ends. While a thread's agent session has the status
`processing`, Slack shows a Stop button of its own: https://docs.slack.dev/ai/agent-sessions/

No answer waits for that. Where calls run short, the button is left out; a session that became
`processing` is set back to `active` all the same.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from slackbot.background import BackgroundTasks
from slackbot.backoff import pause
from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.feature_refusals import FeatureRefusals
from slackbot.delivery.rate_budget import RateBudget
from slackbot.delivery.reply_transport import SessionStatus
from slackbot.errors import DeliveryError, RateLimitedError, UnknownRefusalError, UnreachableError

logger = logging.getLogger(__name__)

MAX_CALLS_PER_MINUTE = 50
"""https://docs.slack.dev/reference/methods/agents.sessions.setStatus"""

MAX_ATTEMPTS = 4
"""While Slack can't be reached."""


class SessionStatusSender(Protocol):
    async def set_session_status(self, thread: ThreadKey, status: SessionStatus) -> None:
        """Sets the status of the thread's agent session. May raise SlackError."""


@dataclass(slots=True)
class _Session:
    wanted: SessionStatus = "active"
    shown: SessionStatus | None = "active"
    """None if that is not known."""
    is_sending: bool = False


class AgentSessions:
    """The agent sessions of one workspace.

    For each thread one call after the other is made in the background, until Slack shows what is
    wanted.
    """

    def __init__(self, sender: SessionStatusSender) -> None:
        self._sender = sender
        self._sessions: dict[ThreadKey, _Session] = {}
        """Those that are not known to be active."""
        self._budget = RateBudget(MAX_CALLS_PER_MINUTE)
        self._refusals = FeatureRefusals()
        self._background_tasks = BackgroundTasks()

    def begin(self, thread: ThreadKey) -> None:
        """Shows that the bot works in the thread."""
        if self._refusals.allows(thread.channel, _now()):
            self._want(thread, "processing")

    def end(self, thread: ThreadKey) -> None:
        """Shows that the bot no longer works in the thread."""
        if thread in self._sessions:
            self._want(thread, "active")

    def adopt(self, thread: ThreadKey) -> None:
        """Notes that an earlier run may have left the thread's session in `processing`."""
        if self._refusals.allows(thread.channel, _now()):
            self._sessions.setdefault(thread, _Session("processing", None))

    def note(self, thread: ThreadKey, status: SessionStatus) -> None:
        """Notes that another call, chat.stopStream, has set the status."""
        if (session := self._sessions.get(thread)) is not None:
            session.wanted = status
            if not session.is_sending:  # else it is unknown which call Slack carried out last
                session.shown = status
                self._forget_if_active(thread, session)

    async def close(self) -> None:
        """Waits a moment for the calls under way, then cancels them."""
        await self._background_tasks.close()

    def _want(self, thread: ThreadKey, status: SessionStatus) -> None:
        session = self._sessions.setdefault(thread, _Session())
        session.wanted = status
        if not session.is_sending:
            session.is_sending = True
            self._background_tasks.begin(self._send(thread, session))

    async def _send(self, thread: ThreadKey, session: _Session) -> None:
        """Calls Slack until it shows what is wanted, or can't be asked for it."""
        failures = 0
        while session.shown != session.wanted and failures < MAX_ATTEMPTS:
            wait = self._budget.opens_at(_now()) - _now()
            if session.wanted == "processing" and not self._has_room():
                session.wanted = "active"
            elif wait > 0:
                await asyncio.sleep(wait)
            elif not await self._call(thread, session, session.wanted):
                failures += 1
                await asyncio.sleep(pause(failures))
        if failures == MAX_ATTEMPTS:
            session.wanted = session.shown = "active"  # Slack itself ends it after an hour
        session.is_sending = False
        self._forget_if_active(thread, session)

    async def _call(self, thread: ThreadKey, session: _Session, status: SessionStatus) -> bool:
        """Makes one call. False if it failed and is worth another try."""
        self._budget.begin(_now())
        shown, session.shown = session.shown, None
        try:
            await self._sender.set_session_status(thread, status)
        except RateLimitedError as err:
            self._budget.refuse(_now(), err.retry_after)
            session.shown = shown
            return True
        except (DeliveryError, UnknownRefusalError) as err:
            logger.info("No agent session in %s: %s", thread.channel, err.code)
            self._refusals.refuse(thread.channel, err.code, _now())
            session.wanted = session.shown = "active"
        except UnreachableError:
            self._budget.end(_now())
            return False
        else:
            session.shown = status if status == session.wanted else None
        self._budget.end(_now())
        return True

    def _has_room(self) -> bool:
        """Whether the budget covers another session, and the end of each that is open."""
        return self._budget.room(_now()) > len(self._sessions)

    def _forget_if_active(self, thread: ThreadKey, session: _Session) -> None:
        if session.wanted == session.shown == "active":
            del self._sessions[thread]


def _now() -> float:
    return asyncio.get_running_loop().time()
