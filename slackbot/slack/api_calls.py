"""One call to Slack's Web API, with an error class for each way to handle a failure."""

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

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

RATE_LIMIT_ERRORS = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
"""A rate limit of the method, whatever the HTTP status:
https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

DEFAULT_RETRY_AFTER_SECONDS = 30.0
"""For a rate limit that does not say how long it lasts."""

DECORATION_WAIT_SECONDS = 1.0
"""As `max_wait` of a call that nothing depends on, such as a status, which is rather left out."""

PERSON_WAIT_SECONDS = 10.0
"""As `max_wait` of a call for which a person waits, who then reads that Slack limits requests."""

max_wait_seconds: ContextVar[float | None] = ContextVar("max_wait_seconds", default=None)
"""How long the current call may wait until its method's budget has room; None for any time."""

retrying = stamina.AsyncRetryingCaller(
    attempts=4, timeout=None, wait_initial=0.25, wait_max=2.0, wait_jitter=0.5
)
"""Calls something up to four times, with pauses that add up to a few seconds."""


async def call(
    method: str, request: Awaitable[AsyncSlackResponse], *, max_wait: float | None = None
) -> AsyncSlackResponse:
    """The answer to a call, which waits until its method's budget has room.

    For what is not worth a long wait, such as a status, `max_wait` gives its seconds. Then it
    raises RateLimitedError instead, and nothing was called.

    Raises RateLimitedError, UnreachableError or DeliveryError, with Slack's own error as cause.
    """
    outer = max_wait_seconds.set(max_wait)
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
    finally:
        max_wait_seconds.reset(outer)


def retry_after(err: SlackApiError) -> float | None:
    """The seconds for which Slack refuses the method; None if it is not limited."""
    response = err.response
    if not isinstance(response, AsyncSlackResponse):
        return None
    if response.status_code != 429 and response.get("error") not in RATE_LIMIT_ERRORS:  # noqa: PLR2004
        return None
    try:
        return max(float(response.headers.get("Retry-After", "")), 1.0)
    except ValueError:
        return DEFAULT_RETRY_AFTER_SECONDS


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
    seconds = retry_after(err)
    if seconds is not None:
        return RateLimitedError(method, seconds)
    code = response.get("error") or ""
    if response.status_code >= 500 or code in TRANSIENT_ERRORS:  # noqa: PLR2004
        return UnreachableError(method, sent=True)
    refusal = RevokedError if code in REVOKED_TOKEN_ERRORS else DeliveryError
    return refusal(method, code or f"http_{response.status_code}")
