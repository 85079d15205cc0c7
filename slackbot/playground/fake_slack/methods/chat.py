"""chat.*: post, update and delete messages."""

from dataclasses import replace

from slackbot.playground.fake_slack import event_payloads, message_checks
from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.message_json import message_json
from slackbot.playground.fake_slack.messages import MessageVersion, PostedMessage, new_version
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json


def post_message(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postMessage"""
    channel = writable(records, args.needed("channel"))
    content = _content(args)
    content = replace(content, text=content.text[: message_checks.MAX_POST_TEXT])
    thread_ts = postable_thread(records, channel, args)
    metadata = args.object("metadata", "invalid_metadata_format")
    message_checks.check_metadata(metadata)
    broadcast = thread_ts is not None and args.flag("reply_broadcast")
    message = records.post(
        records.bot,
        channel,
        content,
        thread_ts=thread_ts,
        metadata=metadata,
        subtype="thread_broadcast" if broadcast else None,
    )
    records.send_channel_event(channel, event_payloads.posted(message, channel))
    return _written(message)


def update(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.update"""
    channel = records.joined_channel(args.needed("channel"))
    if channel.archived:
        raise RefusedError("is_inactive")
    message = own_message(records, channel, args, "cant_update_message")
    if records.streams.is_open(message):
        raise RefusedError("streaming_state_conflict")
    if len(args.text("text")) > message_checks.MAX_UPDATE_TEXT:
        raise RefusedError("msg_too_long")
    content = _content(args)
    metadata = args.object("metadata", "invalid_metadata_format")
    message_checks.check_metadata(metadata)
    marked_by = None if content.blocks else records.bot
    message.tasks.clear()  # they are blocks, too, and all blocks are replaced
    records.update_message(message, content, marked_by=marked_by, metadata=metadata)
    return {**_written(message), "text": message.text}


def delete(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.delete"""
    channel = records.channel(args.needed("channel"))
    message = own_message(records, channel, args, "cant_delete_message")
    if records.streams.is_open(message):
        raise RefusedError("cant_delete_message")
    records.delete_message(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
    channel = writable(records, args.needed("channel"))
    user = args.needed("user")
    if user not in channel.members:
        raise RefusedError("user_not_in_channel")
    content, thread_ts = _content(args), postable_thread(records, channel, args)
    shown = records.show_ephemeral(channel, records.people[user], content, thread_ts)
    return {"message_ts": shown.ts}


def writable(records: WorkspaceRecords, channel_id: str) -> Channel:
    """Returns a channel that the bot may write to."""
    channel = records.joined_channel(channel_id)
    if channel.archived:
        raise RefusedError("is_archived")
    return channel


def own_message(
    records: WorkspaceRecords, channel: Channel, args: CallArguments, error: str
) -> PostedMessage:
    """Returns the bot's message that a call names; refuses other people's with `error`."""
    message = records.message(channel, args.needed("ts"))
    if message.author != records.bot:
        raise RefusedError(error)
    return message


def _content(args: CallArguments) -> MessageVersion:
    """Returns a message's new content from a call."""
    text, markdown = args.text("text"), args.text("markdown_text")
    blocks = args.list("blocks", "invalid_blocks_format")
    if markdown:
        if text or blocks:
            raise RefusedError("markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    if not (text or blocks or args.list("attachments")):
        raise RefusedError("no_text")
    message_checks.check_blocks(blocks)
    return new_version(text or markdown, blocks)


def thread_of(records: WorkspaceRecords, channel: Channel, args: CallArguments) -> str | None:
    """Returns the thread to write to; for the ts of a reply, the thread that it is in.

    Returns None for a thread that is wholly deleted: Slack then writes to the channel.
    https://github.com/slackapi/python-slack-events-api/issues/87
    """
    ts = args.text("thread_ts")
    if not ts:
        return None
    if (channel.id, ts) not in records.messages:
        raise RefusedError("thread_not_found")
    first = records.messages[channel.id, ts].thread_ts or ts
    return first if records.thread(channel, first) else None


def postable_thread(records: WorkspaceRecords, channel: Channel, args: CallArguments) -> str | None:
    """Returns the thread to write to, as `thread_of` does; refuses what the channel's posting
    settings forbid.
    """
    thread_ts = thread_of(records, channel, args)
    in_thread = thread_ts is not None
    forbidden = {
        "read_only_channel": True,
        "non_threadable_channel": in_thread,
        "thread_only_channel": not in_thread,
    }
    if channel.restriction is not None and forbidden[channel.restriction]:
        raise RefusedError(f"restricted_action_{channel.restriction}")
    if thread_ts is not None and (channel.id, thread_ts) in records.locked_threads:
        raise RefusedError("restricted_action_thread_locked")
    return thread_ts


def _written(message: PostedMessage) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "message": message_json(message, with_metadata=True),
    }
