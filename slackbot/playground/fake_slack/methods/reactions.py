"""reactions.*: add and remove reactions."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def add(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/reactions.add"""
    users = _message(records, args).reactions.setdefault(args.needed("name"), [])
    if records.bot.id in users:
        raise RefusedError("already_reacted")
    users.append(records.bot.id)
    return {}


def remove(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/reactions.remove"""
    name, reactions = args.needed("name"), _message(records, args).reactions
    if records.bot.id not in reactions.get(name, ()):
        raise RefusedError("no_reaction")
    reactions[name].remove(records.bot.id)
    if not reactions[name]:
        del reactions[name]
    return {}


def _message(records: WorkspaceRecords, args: CallArguments) -> PostedMessage:
    return records.message(records.joined_channel(args.needed("channel")), args.needed("timestamp"))
