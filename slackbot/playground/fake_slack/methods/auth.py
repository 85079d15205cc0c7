"""auth.* and apps.uninstall: whose token a call has, and how it ends."""

from slackbot.playground.fake_slack import authorisation, installation_events
from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.installations import IssuedToken
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.json_types import Json


def test(platform: PlatformRecords, _args: CallArguments, access: IssuedToken) -> Json:
    """https://docs.slack.dev/reference/methods/auth.test

    The token of an installation for a whole organisation has no workspace: `team_id` is the
    organisation's.
    """
    installation = access.installation
    organisation, team = installation.organisation, installation.team
    workspace = next(iter(platform.workspaces_of(installation)), None)
    answer: Json = {
        "user": "assistant" if workspace is None else workspace.bot.name,
        "user_id": installation.bot_user,
        "bot_id": None if workspace is None else workspace.bot.bot_id,
        "is_enterprise_install": team is None,
    }
    if team is not None:
        answer |= {
            "url": f"https://{team.domain}.slack.com/",
            "team": team.name if workspace is None else workspace.team.name,
            "team_id": team.team_id,
        }
    elif organisation is not None:
        domain = organisation.name.lower().replace(" ", "-")
        answer |= {
            "url": f"https://{domain}.enterprise.slack.com/",
            "team": organisation.name,
            "team_id": organisation.enterprise_id,
        }
    if organisation is not None:
        answer["enterprise_id"] = organisation.enterprise_id
    if access.refresh_token:
        answer["expires_in"] = int(access.expires_at - platform.installations.clock())
    return answer


def list_teams(platform: PlatformRecords, _args: CallArguments, access: IssuedToken) -> Json:
    """https://docs.slack.dev/reference/methods/auth.teams.list - returns all on one page."""
    return {
        "teams": [
            {"id": each.team.team_id, "name": each.team.name}
            for each in platform.workspaces_of(access.installation)
        ],
        "response_metadata": {"next_cursor": ""},
    }


def revoke(platform: PlatformRecords, args: CallArguments, access: IssuedToken) -> Json:
    """https://docs.slack.dev/reference/methods/auth.revoke"""
    if args.flag("test"):
        return {"revoked": False}
    if platform.installations.revoke(access):
        installation_events.send_tokens_revoked(platform, access.installation)
    return {"revoked": True}


def uninstall(platform: PlatformRecords, args: CallArguments, access: IssuedToken) -> Json:
    """https://docs.slack.dev/reference/methods/apps.uninstall"""
    authorisation.check_client(platform.app, args)
    installation_events.uninstall(platform, access.installation)
    return {}
