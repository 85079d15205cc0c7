"""assistant.threads.*: a thread's status, title and suggested prompts."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json

MAX_LOADING_MESSAGES = 10
MAX_PROMPTS = 4


def set_status(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setStatus

    Slack also clears a status after two minutes; here it stays until the bot posts.
    """
    channel, ts = thread_of(records, args)
    if "status" not in args:
        raise RefusedError("invalid_arguments", "missing required field: status")
    if len(args.list("loading_messages")) > MAX_LOADING_MESSAGES:
        raise RefusedError("invalid_arguments", "too many loading_messages")
    records.statuses[channel.id, ts] = args.text("status")
    if not args.text("status"):
        del records.statuses[channel.id, ts]
    return {}


def set_title(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setTitle"""
    channel, ts = thread_of(records, args)
    records.titles[channel.id, ts] = args.needed("title")
    return {}


def set_suggested_prompts(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts

    Without `thread_ts` the prompts belong to the Messages tab, under the ts "".
    """
    channel = records.joined_channel(args.needed("channel_id"))
    prompts = args.list("prompts")
    if not prompts or len(prompts) > MAX_PROMPTS:
        raise RefusedError("invalid_arguments", f"between 1 and {MAX_PROMPTS} prompts")
    if not all(prompt.get("title") and prompt.get("message") for prompt in prompts):
        raise RefusedError("invalid_arguments", "a prompt needs a title and a message")
    records.prompts[channel.id, args.text("thread_ts")] = prompts
    return {}


def thread_of(records: WorkspaceRecords, args: CallArguments) -> tuple[Channel, str]:
    """Returns the thread that a call names."""
    channel = records.joined_channel(args.needed("channel_id"))
    ts = args.needed("thread_ts")
    if (channel.id, ts) not in records.messages:
        raise RefusedError("thread_not_found")
    return channel, ts
