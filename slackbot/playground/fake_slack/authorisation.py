"""Checks the token of a Web API call, and finds the workspace that the call is about.

https://docs.slack.dev/authentication/tokens
"""

import hmac

from slackbot.playground.fake_slack import scopes
from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.installations import IssuedToken
from slackbot.playground.fake_slack.platform_records import PlatformRecords, RegisteredApp
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json

WITHOUT_TOKEN = frozenset({"api.test", "oauth.v2.access"})

SUBJECTS = ("channel", "channel_id", "user", "user_id", "file", "view_id", "trigger_id")
"""The arguments that name something of one workspace."""


def check(platform: PlatformRecords, method: str, token: str, *, of_app: bool) -> None:
    """Raises RefusedError unless a token allows a method; `of_app` wants an app-level token."""
    if method in WITHOUT_TOKEN:
        return
    if not token:
        raise RefusedError("not_authed")
    access = platform.installations.find(token)
    is_app_token = token == platform.app.app_token
    if access is None and not is_app_token:
        raise RefusedError("invalid_auth")
    if is_app_token is not of_app:
        raise RefusedError("not_allowed_token_type")
    if access is None:
        return
    if error := platform.installations.error(access):
        raise RefusedError(error)
    if method in scopes.METHOD_SCOPES:
        scopes.require(access.installation.scopes, scopes.METHOD_SCOPES[method])


def check_client(app: RegisteredApp, args: CallArguments) -> None:
    """Raises RefusedError unless a call has the app's own credentials."""
    if args.text("client_id") != app.client_id:
        raise RefusedError("invalid_client_id")
    if not hmac.compare_digest(args.text("client_secret"), app.client_secret):
        raise RefusedError("bad_client_secret")


def workspace_of(
    platform: PlatformRecords, access: IssuedToken, args: Json
) -> WorkspaceRecords | None:
    """Returns the workspace that a call is about, None if it does not say which.

    A token for one workspace names it, whatever `team_id` says. A token for an organisation needs
    `team_id`, unless the call names a channel, a person, a file or a view.
    https://docs.slack.dev/enterprise/organization-ready-apps
    """
    workspaces = platform.workspaces_of(access.installation)
    if access.installation.team is not None:
        return workspaces[0] if workspaces else None
    if team := args.get("team_id"):
        return next((each for each in workspaces if each.team.team_id == team), None)
    named = {str(args[name]) for name in SUBJECTS if name in args}
    return next((each for each in workspaces if any(map(each.owns, named))), None)
