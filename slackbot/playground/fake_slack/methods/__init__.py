"""The Web API's methods. Most take a workspace's records and a call's arguments.

A method returns the answer without `ok`, or raises RefusedError. It never waits, so that a call
takes effect at once.
"""

from collections.abc import Callable

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.installations import IssuedToken
from slackbot.playground.fake_slack.methods import (
    agents,
    apps,
    assistant,
    auth,
    chat,
    chat_streams,
    conversations,
    files,
    oauth,
    reactions,
    usergroups,
    users,
    views,
)
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.json_types import Json

Method = Callable[[WorkspaceRecords, CallArguments], Json]
AppMethod = Callable[[PlatformRecords, CallArguments], Json]
AuthMethod = Callable[[PlatformRecords, CallArguments, IssuedToken], Json]

APP_METHODS: dict[str, AppMethod] = {
    "api.test": apps.test,
    "apps.connections.open": apps.open_connection,
    "apps.event.authorizations.list": apps.list_authorizations,
    "oauth.v2.access": oauth.access,
}
"""About the app itself, without a bot token."""

AUTH_METHODS: dict[str, AuthMethod] = {
    "apps.uninstall": auth.uninstall,
    "auth.revoke": auth.revoke,
    "auth.teams.list": auth.list_teams,
    "auth.test": auth.test,
}
"""About the token of the call."""

METHODS: dict[str, Method] = {
    "agents.sessions.setStatus": agents.set_status,
    "assistant.threads.setStatus": assistant.set_status,
    "assistant.threads.setSuggestedPrompts": assistant.set_suggested_prompts,
    "assistant.threads.setTitle": assistant.set_title,
    "chat.appendStream": chat_streams.append,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.startStream": chat_streams.start,
    "chat.stopStream": chat_streams.stop,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.members": conversations.members,
    "conversations.replies": conversations.replies,
    "files.completeUploadExternal": files.complete_upload,
    "files.getUploadURLExternal": files.get_upload_url,
    "files.info": files.info,
    "reactions.add": reactions.add,
    "reactions.remove": reactions.remove,
    "usergroups.list": usergroups.list_groups,
    "users.info": users.info,
    "users.list": users.list_users,
    "views.open": views.open_view,
    "views.publish": views.publish,
    "views.push": views.push,
    "views.update": views.update,
}
