"""Builds events as JSON, with the same fields as Slack's.

https://docs.slack.dev/reference/events
"""

import time

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.message_json import message_json
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.json_types import Json


def posted(message: PostedMessage, channel: Channel) -> Json:
    """https://docs.slack.dev/reference/events/message"""
    return {
        **message_json(message, with_metadata=True),
        "channel": channel.id,
        "channel_type": channel.kind,
        "event_ts": message.ts,
    }


def mentioned(message: PostedMessage, channel: Channel) -> Json:
    """https://docs.slack.dev/reference/events/app_mention - it has no channel_type."""
    event = posted(message, channel)
    del event["channel_type"]
    return {**event, "type": "app_mention"}


def changed(message: Json, previous: Json, channel: Channel, ts: str) -> Json:
    """https://docs.slack.dev/reference/events/message/message_changed - `ts` is the event's own."""
    return {
        **_about_earlier("message_changed", previous, channel, ts),
        "message": message,
    }


def deleted(previous: Json, channel: Channel, ts: str) -> Json:
    """https://docs.slack.dev/reference/events/message/message_deleted"""
    return {
        **_about_earlier("message_deleted", previous, channel, ts),
        "deleted_ts": previous["ts"],
    }


def callback(event: Json, *, event_id: str, bot: Person) -> Json:
    """Wraps an event in its envelope for the bot's app.

    https://docs.slack.dev/apis/events-api#callback-field
    """
    authorization = {
        "enterprise_id": None,
        "team_id": bot.team_id,
        "user_id": bot.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "playground",
        "team_id": bot.team_id,
        "context_team_id": bot.team_id,
        "context_enterprise_id": None,
        "api_app_id": bot.app_id,
        "type": "event_callback",
        "event": event,
        "event_id": event_id,
        "event_time": int(time.time()),
        "event_context": f"4-{event_id}",
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }


def _about_earlier(subtype: str, previous: Json, channel: Channel, ts: str) -> Json:
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "previous_message": previous,
        "ts": ts,
        "event_ts": ts,
    }
