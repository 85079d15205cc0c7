"""users.*: look people up."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def info(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/users.info

    People with whom the workspace shares a channel are no strangers, but have another `team_id`:
    https://docs.slack.dev/apis/slack-connect
    """
    return {"user": _json(records.person(args.needed("user")))}


def list_users(records: WorkspaceRecords, _args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/users.list - returns all on one page."""
    return {
        "members": [_json(person) for person in records.people.values()],
        "response_metadata": {"next_cursor": ""},
    }


def _json(person: Person) -> Json:
    """https://docs.slack.dev/reference/objects/user-object"""
    profile = {
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "team": person.team_id,
    }
    if person.bot_id:
        profile |= {"bot_id": person.bot_id, "api_app_id": person.app_id}
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": False,
        "profile": profile,
        "is_admin": person.admin,
        "is_owner": person.owner,
        "is_primary_owner": False,
        "is_restricted": person.restricted,
        "is_ultra_restricted": person.ultra_restricted,
        "is_stranger": person.stranger,
        "is_bot": bool(person.bot_id),
        "is_app_user": False,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": person.tz_offset,
    }
