"""Who we are in Slack: the workspace and the bot user that a token belongs to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from slackbot.errors import ConfigError, DeliveryError, RateLimitedError, UnreachableError
from slackbot.slack.api_calls import call


@dataclass(frozen=True, slots=True)
class Identity:
    team: str
    team_name: str
    user: str
    user_name: str
    bot: str
    """The bot's id (B…), which its messages bear beside the user's (U…)."""
    scopes: frozenset[str]
    """What the token may do, as far as Slack says."""


async def identify(client: AsyncWebClient) -> Identity:
    """Asks Slack whose bot token this is. Raises ConfigError where it is refused.

    https://docs.slack.dev/reference/methods/auth.test
    """
    with _refusals_of(
        "SLACK_BOT_TOKEN",
        "copy it anew from the page «OAuth & Permissions», after installing the app to your "
        "workspace.",
    ):
        answer = await call("auth.test", client.auth_test())
    scopes = answer.headers.get("x-oauth-scopes", "").split(",")
    return Identity(
        team=answer["team_id"],
        team_name=answer["team"],
        user=answer["user_id"],
        user_name=answer["user"],
        bot=answer["bot_id"] or "",
        scopes=frozenset(scope for scope in scopes if scope),
    )


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Asks Slack for a socket's address. Raises ConfigError where the token is refused.

    https://docs.slack.dev/reference/methods/apps.connections.open
    """
    with _refusals_of(
        "SLACK_APP_TOKEN",
        "create an app-level token with the scope connections:write on the page «Basic "
        "Information», and switch Socket Mode on.",
    ):
        await call("apps.connections.open", client.apps_connections_open(app_token=app_token))


@contextmanager
def _refusals_of(variable: str, advice: str) -> Iterator[None]:
    try:
        yield
    except DeliveryError as err:
        raise ConfigError(variable, f"was refused by Slack ({err.code}): {advice}") from err
    except UnreachableError as err:
        raise ConfigError(
            "SLACK_API_URL", "can't be reached: check the network and the address, and try again."
        ) from err
    except RateLimitedError as err:
        raise ConfigError(
            variable, f"could not be tried: Slack asks to wait for {err.retry_after:.0f} s."
        ) from err
