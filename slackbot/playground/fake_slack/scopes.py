"""The scope that each Web API method needs: https://docs.slack.dev/reference/scopes"""

from collections.abc import Set as AbstractSet

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import ChannelKind

METHOD_SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.startStream": "chat:write",
    "chat.appendStream": "chat:write",
    "chat.stopStream": "chat:write",
    "agents.sessions.setStatus": "chat:write",
    "assistant.threads.setStatus": "chat:write",
    "assistant.threads.setTitle": "assistant:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
    "usergroups.list": "usergroups:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "files.info": "files:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
"""Other methods need none, or one that depends on the channel."""

HISTORY_SCOPES: dict[ChannelKind, str] = {
    "channel": "channels:history",
    "group": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}

INFO_SCOPES: dict[ChannelKind, str] = {
    "channel": "channels:read",
    "group": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}

BOT_SCOPES = frozenset(
    {
        *METHOD_SCOPES.values(),
        *HISTORY_SCOPES.values(),
        *INFO_SCOPES.values(),
        "app_mentions:read",
        "commands",
    }
)
"""All known scopes; the bot has them by default."""


def require(granted: AbstractSet[str], scope: str) -> None:
    """Raises RefusedError unless a token has this scope."""
    if scope not in granted:
        raise RefusedError("missing_scope", needed=scope, provided=",".join(sorted(granted)))
