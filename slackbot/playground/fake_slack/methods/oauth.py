"""oauth.v2.access: exchanges codes and refresh tokens for access tokens."""

from slackbot.playground.fake_slack import authorisation
from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.installations import TOKEN_LIFETIME_SECONDS, IssuedToken
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.json_types import Json


def access(platform: PlatformRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/oauth.v2.access"""
    authorisation.check_client(platform.app, args)
    match args.text("grant_type") or "authorization_code":
        case "authorization_code":
            code, redirect_uri = args.needed("code"), args.text("redirect_uri")
            token = platform.installations.exchange(code, redirect_uri)
            platform.begin(token.installation)
        case "refresh_token":
            token = platform.installations.refresh(args.needed("refresh_token"))
        case _:
            raise RefusedError("invalid_grant_type")
    return _answer(platform, token)


def _answer(platform: PlatformRecords, token: IssuedToken) -> Json:
    """For an organisation `team` is null, as
    https://api.slack.com/enterprise/apps/reference shows it.
    """
    installation = token.installation
    team, organisation = installation.team, installation.organisation
    rotation: Json = {}
    if token.refresh_token:
        rotation = {"expires_in": TOKEN_LIFETIME_SECONDS, "refresh_token": token.refresh_token}
    return {
        "access_token": token.value,
        "token_type": "bot",
        "scope": ",".join(sorted(installation.scopes)),
        "bot_user_id": installation.bot_user,
        "app_id": platform.app.app_id,
        "team": None if team is None else {"id": team.team_id, "name": team.name},
        "enterprise": None
        if organisation is None
        else {"id": organisation.enterprise_id, "name": organisation.name},
        "is_enterprise_install": team is None,
        "authed_user": {"id": installation.installer},
        **rotation,
    }
