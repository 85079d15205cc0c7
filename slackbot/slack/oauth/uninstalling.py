"""Takes the app out of a workspace at Slack."""

from slackbot.config import OAuthSettings
from slackbot.errors import DeliveryError, RevokedError
from slackbot.slack.api_calls import call
from slackbot.slack.oauth.client import OAuthClient


async def uninstall(client: OAuthClient, settings: OAuthSettings, token: str) -> bool:
    """Uninstalls the app whose bot token it is; where Slack allows no app that, revokes the token.

    Returns False if Slack has refused the token already. Raises SlackError.
    https://docs.slack.dev/reference/methods/apps.uninstall and auth.revoke
    """
    secret = settings.client_secret.get_secret_value()
    credentials = {"client_id": settings.client_id, "client_secret": secret, "token": token}
    try:
        await call("apps.uninstall", client.api_call("apps.uninstall", data=credentials))
    except RevokedError:
        return False
    except DeliveryError:
        await call("auth.revoke", client.auth_revoke(token=token))
    return True
