"""usergroups.*: look user groups up."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def list_groups(records: WorkspaceRecords, _args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/usergroups.list"""
    return {
        "usergroups": [
            {"id": group, "team_id": records.team.team_id, "handle": handle, "name": handle.title()}
            for group, handle in records.groups.items()
        ]
    }
