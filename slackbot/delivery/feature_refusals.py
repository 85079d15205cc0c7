"""Remembers where Slack refuses a feature, such as streams, that replies can do without.

Pure: times are seconds on any clock that only goes forward.
"""

from typing import Literal

from slackbot.conversation.ids import ChannelId
from slackbot.expiring_set import ExpiringSet

WORKSPACE_CODES = frozenset(
    {
        "access_denied",
        "accesslimited",
        "deprecated_endpoint",
        "enterprise_is_restricted",
        "feature_not_enabled",
        "method_deprecated",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authorized",
        "team_access_not_granted",
        "unknown_method",
    }
)
"""The app may not use the feature in the whole workspace, or the server does not know it.

https://docs.slack.dev/reference/methods/chat.startStream#errors
"""

PASSING_CODES = frozenset(
    {
        "cannot_reply_to_message",
        "channel_not_found",
        "invalid_thread_ts",
        "is_archived",
        "message_not_found",
        "msg_too_long",
        "not_in_channel",
        "restricted_action_thread_locked",
        "thread_locked",
        "thread_not_found",
    }
)
"""These are about one message or thread, or about any message, and not about the feature."""

Scope = ChannelId | Literal["workspace"]


class FeatureRefusals:
    """The refusals of one feature in one workspace."""

    def __init__(self) -> None:
        self._refused: ExpiringSet[Scope] = ExpiringSet()

    def refuse(self, channel: ChannelId, code: str, now: float) -> None:
        """Notes a refusal. A code that is not known counts for the channel."""
        if code not in PASSING_CODES:
            self._refused.add(["workspace" if code in WORKSPACE_CODES else channel], now)

    def allows(self, channel: ChannelId, now: float) -> bool:
        """Returns whether the feature may be tried in a channel."""
        return self._refused.current(now).isdisjoint((channel, "workspace"))
