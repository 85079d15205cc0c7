"""The workspace and the bot user that a token belongs to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.conversation.ids import TeamId, UserId
from slackbot.errors import ConfigError, DeliveryError
from slackbot.slack import texts
from slackbot.slack.api_calls import call
from slackbot.workspaces.installed import Access


@dataclass(frozen=True, slots=True)
class Identity:
    team: TeamId
    team_name: str
    user: UserId
    user_name: str
    """"" where Slack was not asked."""
    bot: str
    """The bot's id (B…), which stands in its messages together with the user's (U…)."""
    scopes: frozenset[str]
    """What the token may do, as far as Slack says."""
    installed_at: int = 0
    """In seconds since the epoch, as far as it is known."""


async def identify(client: AsyncWebClient) -> Identity:
    """Asks Slack whose bot token this is.

    Raises ConfigError if Slack refuses the token, or if it is for a whole organisation: its events
    come from many workspaces, and the bot serves one. Raises RateLimitedError or UnreachableError
    for what passes.

    https://docs.slack.dev/reference/methods/auth.test
    https://docs.slack.dev/enterprise/organization-ready-apps
    """
    with _refusals_of("SLACK_BOT_TOKEN", texts.HOW_TO_GET_BOT_ACCESS):
        answer = await call("auth.test", client.auth_test())
    if answer["is_enterprise_install"] or not answer["team_id"]:
        raise ConfigError("SLACK_BOT_TOKEN", texts.INSTALLED_FOR_ORGANISATION)
    scopes = answer.headers.get("x-oauth-scopes", "").split(",")
    return Identity(
        team=TeamId(answer["team_id"]),
        team_name=answer["team"],
        user=UserId(answer["user_id"]),
        user_name=answer["user"],
        bot=answer["bot_id"] or "",
        scopes=frozenset(scope for scope in scopes if scope),
    )


def installed_identity(access: Access) -> Identity:
    """What is stored about an installation: nothing is asked of Slack."""
    installation = access.installation
    return Identity(
        team=access.team,
        team_name=installation.team_name or access.team,
        user=installation.bot_user,
        user_name="",
        bot=installation.bot,
        scopes=frozenset(installation.scopes),
        installed_at=installation.installed_at,
    )


async def socket_address(client: AsyncWebClient, app_token: str) -> str:
    """Asks Slack where to open a socket. Raises as `identify` does.

    Slack allows one such call a minute, so the first connection uses the address from the start.

    https://docs.slack.dev/reference/methods/apps.connections.open
    """
    with _refusals_of("SLACK_APP_TOKEN", texts.HOW_TO_GET_SOCKET_ACCESS):
        request = client.apps_connections_open(app_token=app_token)
        return str((await call("apps.connections.open", request))["url"])


@contextmanager
def _refusals_of(variable: str, advice: str) -> Iterator[None]:
    try:
        yield
    except DeliveryError as err:
        problem = texts.REFUSED_AT_START.format(code=err.code, advice=advice)
        raise ConfigError(variable, problem) from err
