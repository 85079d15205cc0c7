"""What people read in Slack about their questions and answers, as one voice."""

from collections.abc import Mapping

from slackbot.conversation.roles import Role

REWRITING = "_Rewriting the answer…_"
"""Replaces an answer until the new one has text."""

LOST_QUESTION = "I can't read this message any more. Please send it again."
UNREAD_THREAD = "I answered without the earlier messages of this thread: {reason}"
UNREAD_THREAD_FOR_MODEL = (
    "(You can't read the earlier messages of this thread, so don't guess what they say. The bot "
    "tells people why: {reason})"
)
UNREAD_REASONS: Mapping[str, str] = {
    "missing_scope": "my app lacks the permission to read them. Please tell an admin.",
    "not_in_channel": "I'm not in this channel. Invite me, so that I can read them.",
    "channel_not_found": "I'm not in this channel. Invite me, so that I can read them.",
}
"""By Slack's error code."""
UNREAD_NOT_ALLOWED = "Slack doesn't let me read them."
UNREAD_NOW = "Slack didn't show them to me just now."
LOST_HISTORY = "I can't read my own record of this thread any more, so I read the thread in Slack."

UNKNOWN_SENDER = (
    "Slack doesn't tell me right now whether a person or a bot sent this message through an app, "
    "so I don't answer it. If you sent it, please send it again."
)
TOO_MANY_THROUGH_APPS = (
    "Many messages in a row came here through an app. If you want me to go on answering, "
    "write one here in Slack yourself."
)
COMMAND_THROUGH_APP = (
    "This command came through an app, so I don't carry it out. Please write it in Slack yourself."
)
SWITCHED_OFF = "I don't answer in this channel: an admin has switched me off here."
THANKS = "Thank you for the feedback."
ALREADY_FINISHED = "That answer is already finished."
UNKNOWN_ANSWER = "I no longer remember that answer. Please ask again."

ONLY_MEMBERS = (
    "Only the person who asked, admins, and members of this workspace who are in this channel can "
    "have this answered again."
)
CANT_CHECK = (
    "I couldn't check with Slack whether you can do this, so I did nothing. Please press the "
    "button again later."
)
ONLY_REQUESTER = "Only <@{user}>, who asked, or an admin can answer this."
ROLE_TOO_LOW = "Only {people} can approve this."
PEOPLE_BY_ROLE: Mapping[Role, str] = {
    Role.OUTSIDER: "people who can see it",
    Role.GUEST: "people of this workspace",
    Role.MEMBER: "members of this workspace, not its guests,",
    Role.ADMIN: "admins of this workspace",
    Role.OWNER: "owners of this workspace",
}
"""Those who have a role, or a higher one."""
UNKNOWN_ROLE = (
    "I couldn't check with Slack whether you can approve this, so nothing is decided. Please "
    "press the button again later."
)
NO_BUTTONS = (
    "Slack did not take the buttons of my question about `{name}`, so nobody could confirm it, and "
    "it did not run."
)
ALREADY_DECIDED = "This was already decided."

CANT_STORE = (
    "I can't take questions right now because my database doesn't work. I'll answer yours when it "
    "works again."
)
CANT_STORE_PRESS = (
    "I can't do that right now because my database doesn't work. Please press the button again "
    "later."
)
