"""One call to Slack's Web API, with an error class for each way to handle a failure."""

import logging
from collections.abc import Awaitable, Callable

import aiohttp
import stamina
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.errors import DeliveryError, RateLimitedError, RevokedError, UnreachableError

logger = logging.getLogger(__name__)

TRANSIENT_ERRORS = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "timeout"}
)
"""Slack's own failures: https://docs.slack.dev/reference/methods/chat.update#errors"""

REVOKED_TOKEN_ERRORS = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""No call with this token will succeed again."""

DEFAULT_RETRY_AFTER_SECONDS = 30.0
"""For a rate limit that does not say how long it lasts."""

retrying = stamina.AsyncRetryingCaller(
    attempts=4, timeout=None, wait_initial=0.25, wait_max=2.0, wait_jitter=0.5
)
"""Calls something up to four times, with pauses that add up to a few seconds."""


async def call(method: str, request: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """The answer to a call.

    Raises RateLimitedError, UnreachableError or DeliveryError, with Slack's own error as cause.
    """
    try:
        return await request
    except SlackApiError as err:
        raise _error_from(method, err) from err
    except aiohttp.ClientConnectorError as err:
        raise UnreachableError(method, sent=False) from err
    except (aiohttp.ClientError, TimeoutError, OSError) as err:
        raise UnreachableError(method, sent=True) from err
    except (AttributeError, TypeError) as err:  # the client met an answer that is not Slack's
        raise UnreachableError(method, sent=True) from err


async def ask(
    method: str, request: Callable[[], Awaitable[AsyncSlackResponse]]
) -> AsyncSlackResponse:
    """The answer to a call that changes nothing, so that it can be repeated.

    Raises what `call` raises.
    """
    return await retrying(passing, lambda: call(method, request()))


def passing(err: Exception) -> bool | float:
    """Whether a failed call may be repeated; seconds if Slack says when."""
    if not isinstance(err, RateLimitedError | UnreachableError):
        return False
    logger.info("%s was not answered: %s", err.method, type(err).__name__)
    return err.retry_after if isinstance(err, RateLimitedError) else True


def _error_from(
    method: str, err: SlackApiError
) -> RateLimitedError | UnreachableError | DeliveryError:
    response = err.response
    if not isinstance(response, AsyncSlackResponse):  # a body that was no JSON
        return UnreachableError(method, sent=True)
    code = response.get("error") or ""
    if response.status_code == 429 or code == "ratelimited":  # noqa: PLR2004
        return RateLimitedError(method, _retry_after_of(response))
    if response.status_code >= 500 or code in TRANSIENT_ERRORS:  # noqa: PLR2004
        return UnreachableError(method, sent=True)
    refusal = RevokedError if code in REVOKED_TOKEN_ERRORS else DeliveryError
    return refusal(method, code or f"http_{response.status_code}")


def _retry_after_of(response: AsyncSlackResponse) -> float:
    try:
        return max(float(response.headers.get("Retry-After", "")), 1.0)
    except ValueError:
        return DEFAULT_RETRY_AFTER_SECONDS
