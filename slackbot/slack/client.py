"""The client of Slack's Web API: it keeps connections open, and each call waits for its budget.

It never retries by itself, follows no redirect, and takes only Slack's own answers for answers.
"""

import copy
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.conversation.ids import TeamId
from slackbot.errors import (
    DeliveryError,
    ForeignAnswerError,
    RateLimitedError,
    UnreachableError,
)
from slackbot.network import DIRECT, Network
from slackbot.network.sessions import open_session
from slackbot.slack.answers import read_answer
from slackbot.slack.api_calls import error_from, max_wait_seconds
from slackbot.slack.method_budgets import MethodBudgets
from slackbot.slack.refusal_counts import RefusalCounts

CALL_TIMEOUT_SECONDS = 30.0

TRANSFER_TIMEOUT = aiohttp.ClientTimeout(total=60.0, sock_connect=5.0, sock_read=15.0)
"""Seconds, of a file's content."""

MAX_CONNECTIONS = 50

MAX_HEADER_BYTES = 64 * 1024
"""Of one line of an answer's head: proxies add long ones. aiohttp refuses 8 KB by default."""


class WebClient(AsyncWebClient):
    """Makes a call once its method's budget has room."""

    def __init__(self, **options: Any) -> None:
        self._token: list[str | None] = [None]
        super().__init__(**options)
        self.proxy = None  # what it read from the environment; its session decides
        self._budgets = MethodBudgets()
        self.refusals = RefusalCounts(time.monotonic)
        self.may_call: Callable[[], bool] = lambda: True

    @property
    def token(self) -> str | None:
        """The bot token; all clients that share connections have the same."""
        return self._token[0]

    @token.setter
    def token(self, token: str | None) -> None:
        self._token[0] = token

    def guarded_by(self, may_call: Callable[[], bool]) -> Self:
        """Returns a client that makes no call once it may not; they share connections and budgets.

        Such a call raises UnreachableError, as if Slack had been out of reach. What is posted to an
        address of Slack's goes the same way.
        """
        other = copy.copy(self)
        other.may_call = may_call
        return other

    def require_right(self, method: str) -> None:
        """Raises UnreachableError if it may make no call any more."""
        if not self.may_call():
            raise UnreachableError(method, sent=False)

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Raises RateLimitedError without a call if there is no room soon enough."""
        await self._budgets.admit(api_method, max_wait_seconds.get())
        try:
            answer = await super().api_call(api_method, **arguments)
        except BaseException as err:
            self._note(api_method, err)
            raise
        self._budgets.end(api_method)
        return answer

    async def _request(
        self, *, http_verb: str, api_url: str, req_args: dict[str, Any]
    ) -> dict[str, Any]:
        """Makes a call, in place of slack-sdk's own function.

        Raises ForeignAnswerError, RateLimitedError, or aiohttp.ClientError for no answer.
        """
        method, session = api_url.rpartition("/")[2], self.session
        assert session is not None  # noqa: S101 - web_client() gives it one
        self.require_right(method)
        try:
            async with session.request(
                http_verb, api_url, allow_redirects=False, **req_args
            ) as response:
                answer = await read_answer(method, response)
        except aiohttp.ClientHttpProxyError:  # the call did not get further
            raise
        except aiohttp.ClientResponseError as err:  # a broken head
            raise ForeignAnswerError(method, f"HTTP {err.status}") from err
        return {"data": answer, "headers": response.headers, "status_code": response.status}

    def _note(self, method: str, err: BaseException) -> None:
        refusal = error_from(method, err) if isinstance(err, SlackApiError) else err
        match refusal:
            case RateLimitedError(retry_after=seconds):
                self._budgets.refuse(method, seconds)
                self.refusals.note(method, "ratelimited", passing=False)
                return
            case UnreachableError(code=code) if code:
                self.refusals.note(method, code, passing=True)
            case DeliveryError(code=code):
                self.refusals.note(method, code, passing=False)
        self._budgets.end(method)


Client = TypeVar("Client", bound=WebClient)


@asynccontextmanager
async def web_client(
    api_url: str, token: str, network: Network = DIRECT, *, team: TeamId = TeamId("")
) -> AsyncIterator[WebClient]:
    """Open while the block runs, with a pool of connections of its own.

    With the token of an organisation, `team` says for which of its workspaces the calls are:
    https://docs.slack.dev/enterprise/organization-ready-apps
    """
    options = {"token": token, "team_id": team or None}
    async with open_client(WebClient, api_url, network, **options) as client:
        yield client


@asynccontextmanager
async def open_client(
    kind: type[Client], api_url: str, network: Network, **options: Any
) -> AsyncIterator[Client]:
    """The same for a kind of client; `options` are slack-sdk's.

    Sockets and files use its session as well, so that all go through the same proxies.

    The client's own retry after a reset connection could post a message twice, so there is none.
    """
    timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_SECONDS)
    async with open_session(
        network,
        max_connections=MAX_CONNECTIONS,
        timeout=timeout,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
    ) as session:
        yield kind(base_url=api_url, session=session, retry_handlers=[], **options)
