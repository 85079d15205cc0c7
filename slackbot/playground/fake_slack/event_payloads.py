"""Builds events as JSON, with the same fields as Slack's.

https://docs.slack.dev/reference/events
"""

import time

from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.message_json import message_json
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.json_types import Json


def posted(message: PostedMessage, channel: Channel) -> Json:
    """https://docs.slack.dev/reference/events/message

    In a shared channel it says from which workspace its author is: slack_bolt reads `user_team`.
    """
    event = {
        **message_json(message, with_metadata=True),
        "channel": channel.id,
        "channel_type": channel.kind,
        "event_ts": message.ts,
    }
    if channel.connected:
        event |= {"user_team": message.author.team_id, "source_team": message.author.team_id}
    return event


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


def callback(
    event: Json, *, event_id: str, app_id: str, authorization: Json, is_ext_shared: bool
) -> Json:
    """Wraps an event in its envelope for the app. Both lists of it name one installation.

    https://docs.slack.dev/apis/events-api#callback-field
    https://api.slack.com/enterprise/apps/reference - for a whole organisation
    """
    return {
        "token": "playground",
        "team_id": authorization["team_id"],
        "enterprise_id": authorization["enterprise_id"],
        "context_team_id": authorization["team_id"],
        "context_enterprise_id": authorization["enterprise_id"],
        "api_app_id": app_id,
        "type": "event_callback",
        "event": event,
        "event_id": event_id,
        "event_time": int(time.time()),
        "event_context": f"4-{event_id}",
        "authorizations": [authorization],
        "is_ext_shared_channel": is_ext_shared,
    }


def about_installation(event: Json, *, event_id: str, app_id: str, origin: Json) -> Json:
    """Wraps an event about the installation itself: it has no `authorizations`.

    `origin` has a `team_id`, and an `enterprise_id` if there is an organisation.
    https://docs.slack.dev/reference/events/app_uninstalled
    https://docs.slack.dev/reference/events/tokens_revoked
    """
    return {
        "token": "playground",
        **origin,
        "api_app_id": app_id,
        "type": "event_callback",
        "event": event,
        "event_id": event_id,
        "event_time": int(time.time()),
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
