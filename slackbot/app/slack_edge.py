"""The edge to one workspace in Slack."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.slack.client import WebClient
from slackbot.slack.file_uploads import SlackUploads
from slackbot.slack.identity import Identity
from slackbot.slack.mention_names import MentionNames
from slackbot.slack.messenger import SlackMessenger
from slackbot.slack.thread_reader import ThreadReader
from slackbot.slack.users import SlackUsers
from slackbot.slack.views import SlackViews


@dataclass(frozen=True, slots=True)
class OwnerEdge:
    """What answers are made and shown with. It makes no call once this process may not answer.

    Names and roles are looked up once for the whole process, which any part of it may cause.
    """

    client: WebClient
    threads: ThreadReader
    messenger: SlackMessenger
    uploads: SlackUploads


@dataclass(frozen=True, slots=True)
class SlackEdge:
    client: WebClient
    me: Identity
    users: SlackUsers
    messenger: SlackMessenger
    ephemeral: EphemeralMessages
    views: SlackViews
    owner: "OwnerEdge"


def open_slack_edge(
    stack: AsyncExitStack, client: WebClient, me: Identity, may_answer: Callable[[], bool]
) -> SlackEdge:
    """Opens it; it is closed with the stack."""
    users = SlackUsers(client, me.team)
    stack.push_async_callback(users.close)
    mentions = MentionNames(client)
    stack.push_async_callback(mentions.close)
    messenger = SlackMessenger(client, users, mentions, ThreadReader(client, me))
    ephemeral = EphemeralMessages(messenger)
    stack.push_async_callback(ephemeral.close)
    guarded = client.guarded_by(may_answer)
    threads = ThreadReader(guarded, me)
    owner = OwnerEdge(
        guarded,
        threads,
        SlackMessenger(guarded, users, mentions, threads),
        SlackUploads(guarded),
    )
    return SlackEdge(client, me, users, messenger, ephemeral, SlackViews(client), owner)
