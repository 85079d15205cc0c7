"""chat.startStream, appendStream, stopStream: Slack's native streaming of one message.

The app gets events when a stream starts and stops, not in between.
"""

from slackbot.playground.fake_slack import event_payloads, message_checks
from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.message_json import message_json
from slackbot.playground.fake_slack.messages import MessageVersion, PostedMessage, new_version
from slackbot.playground.fake_slack.methods.agents import session_status
from slackbot.playground.fake_slack.methods.chat import own_message, postable_thread, writable
from slackbot.playground.fake_slack.native_streams import ContentKind
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json

TASK_STATUSES = ("pending", "in_progress", "complete", "error")
"""The statuses of a task."""

MAX_TASK_TITLE, MAX_TASKS = 256, 50
"""Characters of a title, and tasks of a message."""


def start(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.startStream"""
    channel = writable(records, args.needed("channel"))
    args.needed("thread_ts")
    if channel.kind != "im":
        for recipient in ("recipient_user_id", "recipient_team_id"):
            if recipient not in args:
                raise RefusedError(f"missing_{recipient}")
    thread_ts = postable_thread(records, channel, args)
    text, tasks, kind = _text(args), _tasks(args), _kind(args)
    message = records.post(records.bot, channel, _appended("", text), thread_ts=thread_ts)
    _show_tasks(message, tasks)
    records.streams.start(message)
    if records.streams.are_marked:
        message.streaming_state = "in_progress"
    records.streams.require_kind(message, kind)
    records.send_channel_event(channel, event_payloads.posted(message, channel))
    return {"channel": channel.id, "ts": message.ts}


def append(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.appendStream"""
    channel, message = _streamed(records, args)
    text, tasks = _text(args), _tasks(args)
    if not text and not tasks:
        raise RefusedError("no_text")
    _show_tasks(message, tasks)
    message.versions.append(_appended(message.text, text))
    return {"channel": channel.id, "ts": message.ts}


def stop(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.stopStream"""
    channel, message = _streamed(records, args)
    blocks = args.list("blocks", "invalid_blocks_format")
    message_checks.check_blocks(blocks)
    metadata = args.object("metadata", "invalid_metadata_format")
    message_checks.check_metadata(metadata)
    content = _appended(message.text, _text(args))
    _show_tasks(message, _tasks(args))
    status = session_status(args, "session_status")
    if (thread := (channel.id, message.thread_ts or message.ts)) in records.sessions:
        records.sessions[thread] = status
    records.streams.stop(message)
    if message.streaming_state:
        message.streaming_state = "completed"
    finished = new_version(content.text, [*content.blocks, *blocks])
    records.update_message(message, finished, metadata=metadata)
    written = {**message_json(message, with_metadata=True), "streaming_state": "completed"}
    return {"channel": channel.id, "ts": message.ts, "message": written}


def _streamed(records: WorkspaceRecords, args: CallArguments) -> tuple[Channel, PostedMessage]:
    channel = writable(records, args.needed("channel"))
    message = own_message(records, channel, args, "message_not_owned_by_app")
    records.streams.require_open(message)
    records.streams.require_kind(message, _kind(args))
    return channel, message


def _kind(args: CallArguments) -> ContentKind | None:
    """Returns the argument in which a call gives its text and tasks."""
    if "markdown_text" in args and "chunks" in args:
        raise RefusedError("cannot_provide_both_markdown_text_and_chunks")
    if "markdown_text" in args:
        return "markdown_text"
    return "chunks" if "chunks" in args else None


def _text(args: CallArguments) -> str:
    """Returns the text that a call appends: `markdown_text`, or its chunks of markdown."""
    chunks = args.list("chunks", "invalid_chunks")
    text = args.text("markdown_text") or "".join(
        chunk["text"] for chunk in chunks if chunk.get("type") == "markdown_text"
    )
    if len(text) > message_checks.MAX_MARKDOWN:
        raise RefusedError("msg_too_long")
    return text


def _tasks(args: CallArguments) -> dict[str, tuple[str, str]]:
    """Returns a call's task updates: id -> (title, status)."""
    tasks = {}
    for chunk in args.list("chunks", "invalid_chunks"):
        match chunk:
            case {"type": "markdown_text", "text": str()}:
                pass
            case {
                "type": "task_update",
                "id": str(task),
                "title": str(title),
                "status": status,
            } if task and 0 < len(title) <= MAX_TASK_TITLE and status in TASK_STATUSES:
                tasks[task] = (title, status)
            case _:
                raise RefusedError("invalid_chunks")
    return tasks


def _show_tasks(message: PostedMessage, tasks: dict[str, tuple[str, str]]) -> None:
    if len({*message.tasks, *tasks}) > MAX_TASKS:
        raise RefusedError("invalid_chunks")
    message.tasks.update(tasks)


def _appended(before: str, more: str) -> MessageVersion:
    text = before + more
    return new_version(text, [{"type": "markdown", "text": text}] if text else [])
