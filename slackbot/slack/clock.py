"""Slack's clock, for decisions about data: the machine's may be wrong."""

from email.utils import parsedate_to_datetime

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.errors import UnreachableError
from slackbot.slack.api_calls import ask

METHOD = "auth.test"


async def slack_time(client: AsyncWebClient) -> float:
    """What time it is for Slack, in seconds since the epoch. Raises SlackError.

    It is the Date of an answer: https://www.rfc-editor.org/rfc/rfc9110#name-date
    """
    answer = await ask(METHOD, client.auth_test)
    try:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (KeyError, ValueError) as err:
        raise UnreachableError(METHOD, sent=True) from err
