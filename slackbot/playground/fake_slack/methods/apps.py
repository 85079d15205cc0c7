"""auth.* and apps.*: the app's identity and its Socket Mode connections."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def test(records: WorkspaceRecords, _args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/auth.test

    The token of an installation for a whole organisation has no workspace: `team_id` is the
    organisation's.
    """
    organisation = records.is_enterprise_install
    return {
        "url": f"https://{records.team.domain}.slack.com/",
        "team": records.team.name,
        "team_id": f"E{records.team.team_id[1:]}" if organisation else records.team.team_id,
        "user": records.bot.name,
        "user_id": records.bot.id,
        "bot_id": records.bot.bot_id,
        "is_enterprise_install": organisation,
    }


def open_connection(records: WorkspaceRecords, _args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/apps.connections.open"""
    socket_origin = f"ws{records.origin.removeprefix('http')}"
    return {"url": f"{socket_origin}/link/?ticket={records.sockets.ticket()}"}
