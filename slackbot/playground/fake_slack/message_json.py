"""Builds messages as JSON, with the same fields as Slack's."""

import uuid
from collections.abc import Sequence

from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.typed_blocks import typed_blocks
from slackbot.playground.json_types import Json

SLACKBOT_USER_ID = "USLACKBOT"
NO_REPLY_TS = "0000000000.000000"


def message_json(
    message: PostedMessage,
    *,
    replies: Sequence[PostedMessage] = (),
    with_metadata: bool = False,
) -> Json:
    """Returns a message as the Web API does; `replies` are the replies to it."""
    author = message.author
    app = message.through or author
    data: Json = {
        "type": "message",
        "user": author.id,
        "team": author.team_id,
        "ts": message.ts,
        "text": message.text,
        "blocks": [*map(_task_card, message.tasks.items()), *message.blocks],
    }
    if message.username:
        data |= {"username": message.username, "bot_id": author.bot_id, "app_id": author.app_id}
        del data["user"]
    elif app.bot_id:
        data |= {"bot_id": app.bot_id, "app_id": app.app_id, "bot_profile": _bot_profile(app)}
    else:
        data["blocks"] = data["blocks"] or typed_blocks(message.text)
        data["client_msg_id"] = str(
            uuid.uuid5(uuid.NAMESPACE_OID, f"{message.channel}/{message.ts}")
        )
    optional = {
        "subtype": message.subtype,
        "thread_ts": message.thread_ts,
        "edited": message.edited,
        "streaming_state": message.streaming_state,
        "attachments": list(message.attachments),
        "files": list(message.files),
        "reactions": [
            {"name": name, "users": users, "count": len(users)}
            for name, users in message.reactions.items()
        ],
        "metadata": message.metadata if with_metadata else None,
    }
    data |= {name: value for name, value in optional.items() if value}
    if replies:
        data |= _thread_summary(message, replies)
    return data


def _task_card(task: tuple[str, tuple[str, str]]) -> Json:
    """https://docs.slack.dev/reference/block-kit/blocks/task-card-block"""
    task_id, (title, status) = task
    return {"type": "task_card", "task_id": task_id, "title": title, "status": status}


def tombstone_json(message: PostedMessage, replies: Sequence[PostedMessage]) -> Json:
    """Returns what replaces a deleted message that has replies.

    As seen in https://github.com/slack-edge/slack-edge/pull/10 - Slack does not document it.
    """
    return {
        "type": "message",
        "subtype": "tombstone",
        "text": "This message was deleted.",
        "user": SLACKBOT_USER_ID,
        "hidden": True,
        "ts": message.ts,
        "parent_user_id": SLACKBOT_USER_ID,
        **_thread_summary(message, replies),
    }


def _thread_summary(message: PostedMessage, replies: Sequence[PostedMessage]) -> Json:
    people = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": people,
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts if replies else NO_REPLY_TS,
        "is_locked": False,
        "subscribed": False,
    }


def _bot_profile(bot: Person) -> Json:
    return {
        "id": bot.bot_id,
        "app_id": bot.app_id,
        "name": bot.name,
        "team_id": bot.team_id,
        "deleted": False,
        "updated": 0,
        "icons": {},
    }
