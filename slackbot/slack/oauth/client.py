"""The client for calls that are the app's and no workspace's: codes, tokens, and whose they are."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from slackbot.config import SlackSettings
from slackbot.errors import DeliveryError
from slackbot.slack.api_calls import NETWORK_ERRORS, error_from, unreachable
from slackbot.slack.client import WebClient, open_client

ANSWER_TIMEOUT_SECONDS = 2.0
"""For what decides about an event: Slack waits three seconds for its acknowledgement."""


class OAuthClient(WebClient):
    """Raises slack-sdk's error for a refusal that is final, which slack-bolt and slack-sdk handle,
    and a SlackError for what passes, which they take for a refusal.
    """

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """slack-sdk gives the app's credentials as `auth`, for which it uses what aiohttp will
        remove.
        """
        if auth := arguments.pop("auth", None):
            arguments["headers"] = {"Authorization": _basic(**auth)}
        try:
            return await super().api_call(api_method, **arguments)
        except SlackApiError as err:
            error = error_from(api_method, err)
            if isinstance(error, DeliveryError):
                raise
            raise error from err
        except NETWORK_ERRORS as err:
            raise unreachable(api_method, err) from err


@asynccontextmanager
async def oauth_client(settings: SlackSettings) -> AsyncIterator[OAuthClient]:
    """Open while the block runs. It has no token: each call brings its own, if it needs one."""
    async with open_client(OAuthClient, settings.api_url, settings.network) as client:
        yield client


def _basic(client_id: str, client_secret: str) -> str:
    """https://www.rfc-editor.org/rfc/rfc7617"""
    return f"Basic {b64encode(f'{client_id}:{client_secret}'.encode()).decode()}"
