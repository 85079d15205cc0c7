"""One call to Slack's Web API, its failures told apart by what to do about them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.errors import DeliveryError, RateLimitedError, RevokedError, UnreachableError

logger = logging.getLogger(__name__)

PASSING = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "timeout"}
)
"""Slack's own troubles: https://docs.slack.dev/reference/methods/chat.update#errors"""

REVOKED = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""The token is no longer good for anything."""

PAUSES = (0.5, 1.0, 2.0)
"""Seconds before a question that changes nothing in Slack is asked again."""


async def call(method: str, request: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """The answer to a call.

    Raises RateLimitedError, UnreachableError or DeliveryError, with Slack's own error as cause.
    """
    try:
        return await request
    except SlackApiError as err:
        raise _told_apart(method, err) from err
    except aiohttp.ClientConnectorError as err:
        raise UnreachableError(method, sent=False) from err
    except (aiohttp.ClientError, TimeoutError, OSError) as err:
        raise UnreachableError(method, sent=True) from err
    except (AttributeError, TypeError) as err:  # the client met an answer that is not Slack's
        raise UnreachableError(method, sent=True) from err


async def ask(
    method: str, request: Callable[[], Awaitable[AsyncSlackResponse]]
) -> AsyncSlackResponse:
    """The answer to a call that changes nothing, so that it can be made again a few times.

    Raises what `call` raises.
    """
    for pause in PAUSES:
        try:
            return await call(method, request())
        except RateLimitedError as err:
            wait = err.retry_after
        except UnreachableError:
            wait = pause
        logger.info("%s was not answered, asking again in %s s", method, wait)
        await asyncio.sleep(wait)
    return await call(method, request())


def _told_apart(
    method: str, err: SlackApiError
) -> RateLimitedError | UnreachableError | DeliveryError:
    response = err.response
    if not isinstance(response, AsyncSlackResponse):  # a body that was no JSON
        return UnreachableError(method, sent=True)
    code = response.get("error") or ""
    if response.status_code == 429 or code == "ratelimited":  # noqa: PLR2004
        return RateLimitedError(method, _retry_after(response))
    if response.status_code >= 500 or code in PASSING:  # noqa: PLR2004
        return UnreachableError(method, sent=True)
    refusal = RevokedError if code in REVOKED else DeliveryError
    return refusal(method, code or f"http_{response.status_code}")


def _retry_after(response: AsyncSlackResponse) -> float:
    try:
        return max(float(response.headers.get("Retry-After", "")), 1.0)
    except ValueError:
        return 30.0
