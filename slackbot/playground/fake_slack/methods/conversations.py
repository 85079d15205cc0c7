"""conversations.*: read channels and threads."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence

from slackbot.playground.fake_slack import scopes
from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json

MAX_PAGE_SIZE = 999
DEFAULT_MESSAGE_PAGE_SIZE = 100
DEFAULT_MEMBER_PAGE_SIZE = 100


def replies(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.replies - oldest first."""
    channel = _readable(records, args)
    start = records.messages.get((channel.id, args.needed("ts")))
    if start is None or not records.is_visible(start):
        raise RefusedError("thread_not_found")
    thread = records.visible_thread(channel, start.thread_ts or start.ts)
    asked = [message for message in thread if message.starts_thread or _within(message, args)]
    return _page(records, asked, args)


def history(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.history - newest first."""
    channel = _readable(records, args)
    asked = [
        message
        for message in reversed(records.messages.values())
        if message.channel == channel.id
        and (message.starts_thread or message.subtype == "thread_broadcast")
        and records.is_visible(message)
        and _within(message, args)
    ]
    return _page(records, asked, args)


def info(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.info"""
    channel = records.channel(args.needed("channel"))
    records.require_scope(scopes.INFO_SCOPES[channel.kind])
    data = {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_archived": channel.archived,
        "is_ext_shared": channel.is_ext_shared,
        "is_member": records.bot.id in channel.members,
        "num_members": len(channel.members),
        "context_team_id": records.team.team_id,
    }
    if channel.connected:
        others = [team for team in channel.connected if team != records.team.team_id]
        data |= {
            "shared_team_ids": channel.connected,
            "connected_team_ids": others,
            "conversation_host_id": channel.connected[0],
        }
    if channel.kind == "im":
        (data["user"],) = channel.members - {records.bot.id}
    return {"channel": data}


def members(records: WorkspaceRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.members"""
    channel = records.channel(args.needed("channel"))
    records.require_scope(scopes.INFO_SCOPES[channel.kind])
    everybody = sorted(channel.members)
    start = _position(args.text("cursor"))
    end = start + (args.number("limit", DEFAULT_MEMBER_PAGE_SIZE) or DEFAULT_MEMBER_PAGE_SIZE)
    cursor = _cursor(end) if end < len(everybody) else ""
    return {"members": everybody[start:end], "response_metadata": {"next_cursor": cursor}}


def _readable(records: WorkspaceRecords, args: CallArguments) -> Channel:
    channel = records.joined_channel(args.needed("channel"))
    records.require_scope(scopes.HISTORY_SCOPES[channel.kind])
    return channel


def _within(message: PostedMessage, args: CallArguments) -> bool:
    """Whether a message is between `oldest` and `latest`, including both if `inclusive`."""
    ts = float(message.ts)
    oldest, latest = args.text("oldest"), args.text("latest")
    if args.flag("inclusive"):
        return (not oldest or float(oldest) <= ts) and (not latest or ts <= float(latest))
    return (not oldest or float(oldest) < ts) and (not latest or ts < float(latest))


def _page(records: WorkspaceRecords, asked: Sequence[PostedMessage], args: CallArguments) -> Json:
    """https://docs.slack.dev/apis/web-api/pagination"""
    start = _position(args.text("cursor"))
    end = start + min(
        args.number("limit", DEFAULT_MESSAGE_PAGE_SIZE) or DEFAULT_MESSAGE_PAGE_SIZE, MAX_PAGE_SIZE
    )
    more = end < len(asked)
    with_metadata = args.flag("include_all_metadata")
    return {
        "messages": [_json(records, message, with_metadata) for message in asked[start:end]],
        "has_more": more,
        "response_metadata": {"next_cursor": _cursor(end) if more else ""},
    }


def _json(records: WorkspaceRecords, message: PostedMessage, with_metadata: bool) -> Json:  # noqa: FBT001 - passed on
    data = records.json(message, with_metadata=with_metadata)
    return {**data, "blocks": records.translated(data.get("blocks", ()))}


def _cursor(position: int) -> str:
    return b64encode(f"next:{position}".encode()).decode()


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (Base64Error, ValueError):
        raise RefusedError("invalid_cursor") from None
