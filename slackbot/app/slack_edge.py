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
class SlackEdge:
    client: WebClient
    me: Identity
    users: SlackUsers
    threads: ThreadReader
    messenger: SlackMessenger
    ephemeral: EphemeralMessages
    views: SlackViews
    answers: SlackMessenger
    """Shows answers, while this process may answer."""
    uploads: SlackUploads
    """Uploads what belongs to answers, likewise."""


def open_slack_edge(
    stack: AsyncExitStack, client: WebClient, me: Identity, may_answer: Callable[[], bool]
) -> SlackEdge:
    """Opens it; it is closed with the stack."""
    users = SlackUsers(client, me.team)
    stack.push_async_callback(users.close)
    mentions = MentionNames(client)
    stack.push_async_callback(mentions.close)
    threads = ThreadReader(client, me)
    messenger = SlackMessenger(client, users, mentions, threads)
    ephemeral = EphemeralMessages(messenger)
    stack.push_async_callback(ephemeral.close)
    guarded = client.guarded_by(may_answer)
    return SlackEdge(
        client,
        me,
        users,
        threads,
        messenger,
        ephemeral,
        SlackViews(client),
        SlackMessenger(guarded, users, mentions, threads),
        SlackUploads(guarded),
    )
