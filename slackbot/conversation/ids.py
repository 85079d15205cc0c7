"""Slack's identifiers as types of their own, so that one can't be passed for another.

Each is a string at run time. Only the edges make them: where Slack's JSON is parsed, where a key
of the store is split, and where a setting or an option of the command line is read.
"""

from typing import NewType

TeamId = NewType("TeamId", str)
"""A workspace, as `T024BE7LD`. https://docs.slack.dev/reference/methods/team.info"""

EnterpriseId = NewType("EnterpriseId", str)
"""An organisation of many workspaces, as `E0123ABC456`; "" if there is none.
https://docs.slack.dev/enterprise
"""

ChannelId = NewType("ChannelId", str)
"""A channel or DM, as `C012AB3CD`. https://docs.slack.dev/reference/objects/conversation-object"""

UserId = NewType("UserId", str)
"""A person or bot, as `W012A3CDE`. https://docs.slack.dev/reference/objects/user-object"""

Ts = NewType("Ts", str)
"""A message's time, its ID within its channel, as `1503435956.000247`; "" if there is none.
https://docs.slack.dev/reference/events/message"""
