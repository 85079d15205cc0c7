"""Slack's clock, for decisions about data: the machine's may be wrong."""

import time

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.errors import UnreachableError
from slackbot.slack.answers import http_date
from slackbot.slack.api_calls import ask


class SlackClocks:
    """Slack's clock and the machine's, in seconds since the epoch."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def slack(self) -> float:
        """The Date of an answer: https://www.rfc-editor.org/rfc/rfc9110#name-date

        Raises SlackError.
        """
        method = "auth.test" if self._client.token else "api.test"  # which needs none
        answer = await ask(method, lambda: self._client.api_call(method))
        date = http_date(answer.headers.get("Date", ""))
        if date is None:
            raise UnreachableError(method, sent=True)
        return date.timestamp()

    def machine(self) -> float:
        return time.time()
