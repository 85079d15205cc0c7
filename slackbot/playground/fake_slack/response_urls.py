"""Response URLs: the app answers a command or a click through them, without the Web API.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from slackbot.playground.fake_slack import event_payloads, message_checks
from slackbot.playground.fake_slack.interaction_payloads import ResponseTarget
from slackbot.playground.fake_slack.messages import MessageVersion, new_version
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def respond(records: WorkspaceRecords, hook: ResponseTarget, response: Json) -> None:
    """Shows the response to the person or the channel, or replaces the clicked message."""
    content = _content(response)
    if hook.message is not None and response.get("delete_original"):
        records.delete_message(hook.message)
    elif hook.message is not None and response.get("replace_original"):
        marked_by = None if content.blocks else records.bot
        records.update_message(hook.message, content, marked_by=marked_by)
    elif response.get("response_type") == "in_channel":
        message = records.post(records.bot, hook.channel, content)
        records.send_channel_event(hook.channel, event_payloads.posted(message, hook.channel))
    else:
        records.show_ephemeral(hook.channel, hook.person, content)


def _content(response: Json) -> MessageVersion:
    blocks = response.get("blocks") or []
    message_checks.check_blocks(blocks)
    return new_version(response.get("text") or "", blocks)
