"""One call to Slack's Web API, with an error class for each way to handle a failure."""

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

import aiohttp
import stamina
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.conversation import turn_reads
from slackbot.errors import (
    DeliveryError,
    RateLimitedError,
    ReadLimitError,
    RevokedError,
    SlackError,
    UnknownRefusalError,
    UnreachableError,
)
from slackbot.network.failures import network_error
from slackbot.slack.answers import retry_after_seconds
from slackbot.slack.refusals import (
    OUTAGE_CODES,
    RATE_LIMIT_CODES,
    REVOKED_TOKEN_CODES,
    is_final,
)

logger = logging.getLogger(__name__)

NO_CODE = "no_error_code"
"""Stands for the error code in an answer that has none."""

NETWORK_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)
"""What a request raises that got no answer. The same one may work a moment later."""

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

    Raises RateLimitedError, UnreachableError, UnknownRefusalError or DeliveryError, with Slack's
    own error as cause.
    """
    outer = max_wait_seconds.set(max_wait)
    try:
        return await request
    except SlackApiError as err:
        raise error_from(method, err) from err
    except NETWORK_ERRORS as err:
        raise unreachable(method, err) from err
    finally:
        max_wait_seconds.reset(outer)


async def ask(
    method: str,
    request: Callable[[], Awaitable[AsyncSlackResponse]],
    *,
    max_wait: float | None = None,
) -> AsyncSlackResponse:
    """The answer to a call that can be repeated, as it changes nothing, or the same once more.

    Each attempt waits and raises as `call` does. There is no other one after a limit that lasts
    longer than `max_wait`. Raises ReadLimitError instead of a call that a turn must not make.
    """

    def may_pass(err: Exception) -> bool | float:
        if isinstance(err, RateLimitedError) and max_wait is not None:
            return err.retry_after <= max_wait and passing(err)
        return passing(err)

    async def attempt() -> AsyncSlackResponse:
        if not turn_reads.take_call():
            raise ReadLimitError(method)
        return await call(method, request(), max_wait=max_wait)

    return await retrying(may_pass, attempt)


def passing(err: Exception) -> bool | float:
    """Whether a failed call may be repeated; seconds if Slack says when."""
    if not isinstance(err, RateLimitedError | UnreachableError):
        return False
    logger.info("%s was not answered: %s", err.method, network_error(err) or err.detail)
    return err.retry_after if isinstance(err, RateLimitedError) else True


def unreachable(method: str, err: Exception) -> UnreachableError:
    """Returns the error for a call that got no answer. Without a connection it was not sent."""
    not_sent = isinstance(err, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError)
    return UnreachableError(method, sent=not not_sent)


def error_from(method: str, err: SlackApiError) -> SlackError:
    """Returns the error that says what to do about an answer of Slack's."""
    response = err.response
    error = response.get("error")
    code = error if isinstance(error, str) else ""
    if code in RATE_LIMIT_CODES:
        return RateLimitedError(method, retry_after_seconds(response.headers))
    if response.status_code >= 500 or code in OUTAGE_CODES:  # noqa: PLR2004
        return UnreachableError(method, sent=True, code=code or f"http_{response.status_code}")
    if code in REVOKED_TOKEN_CODES:
        return RevokedError(method, code)
    if is_final(method, code):
        return DeliveryError(method, code, _details_of(response))
    return UnknownRefusalError(method, code or NO_CODE)


def _details_of(response: AsyncSlackResponse) -> str:
    """https://docs.slack.dev/apis/web-api/#responses - `response_metadata.messages`"""
    metadata = response.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return " ".join(map(str, messages)) if isinstance(messages, list) else ""
