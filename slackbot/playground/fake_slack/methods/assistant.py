"""assistant.threads.*: what a thread with the bot shows beside its messages."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.wire import Json, RefusedError

MOST_LOADING_MESSAGES = 10
MOST_PROMPTS = 4


def set_status(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setStatus

    Slack lets go of a status after two minutes as well; here it stays until the bot posts.
    """
    channel, ts = _thread(records, args)
    if "status" not in args:
        raise RefusedError("invalid_arguments", "missing required field: status")
    if len(args.list("loading_messages")) > MOST_LOADING_MESSAGES:
        raise RefusedError("invalid_arguments", "too many loading_messages")
    records.statuses[channel.id, ts] = args.text("status")
    if not args.text("status"):
        del records.statuses[channel.id, ts]
    return {}


def set_title(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setTitle"""
    channel, ts = _thread(records, args)
    records.titles[channel.id, ts] = args.needed("title")
    return {}


def set_suggested_prompts(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts

    Without `thread_ts` they are those of the Messages tab, kept under the ts "".
    """
    channel = records.joined_channel(args.needed("channel_id"))
    prompts = args.list("prompts")
    if not prompts or len(prompts) > MOST_PROMPTS:
        raise RefusedError("invalid_arguments", f"between 1 and {MOST_PROMPTS} prompts")
    if not all(prompt.get("title") and prompt.get("message") for prompt in prompts):
        raise RefusedError("invalid_arguments", "a prompt needs a title and a message")
    records.prompts[channel.id, args.text("thread_ts")] = prompts
    return {}


def _thread(records: WorkspaceRecords, args: CallArguments) -> tuple[Channel, str]:
    channel = records.joined_channel(args.needed("channel_id"))
    ts = args.needed("thread_ts")
    if (channel.id, ts) not in records.messages:
        raise RefusedError("thread_not_found")
    return channel, ts
