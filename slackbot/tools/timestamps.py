"""Slack's timestamps as the model reads them."""

from datetime import UTC, datetime

from slackbot.conversation.ids import Ts


def format_ts(ts: Ts) -> str:
    """A message's ts as a date and time: 2026-11-27 21:05 UTC."""
    return datetime.fromtimestamp(float(ts), UTC).strftime("%Y-%m-%d %H:%M UTC")
