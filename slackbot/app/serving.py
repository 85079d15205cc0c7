"""Serves the workspace of one bot token, or those that have installed the app."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from slackbot.app.answerer import Answerer
from slackbot.app.during import during
from slackbot.app.models import open_models
from slackbot.app.process import Process
from slackbot.app.sole_process import SoleProcess
from slackbot.app.workspace_bot import WorkspaceBot, workspace_bot
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.config import Settings
from slackbot.conversation.ids import TeamId
from slackbot.readiness import DISK_CHECK_SECONDS, Readiness, failing
from slackbot.service import Service
from slackbot.slack.client import WebClient
from slackbot.slack.clock import SlackClocks
from slackbot.slack.own_workspace import OwnWorkspace
from slackbot.slack.receiving import receiving
from slackbot.slack.sign_in import SignIn
from slackbot.store import RecordStore, is_shared
from slackbot.store.retention import delete_untouched_conversations
from slackbot.workspaces.ownership import LEASE_SECONDS


@asynccontextmanager
async def serving(
    settings: Settings,
    store: RecordStore,
    sign_in: SignIn,
    *,
    lease_seconds: float = LEASE_SECONDS,
) -> AsyncIterator[Service]:
    """The bot of one workspace works while the block runs; replies under way get their grace at
    its end.

    Raises ConfigError where a setting does not work.
    """
    async with AsyncExitStack() as stack:
        process = open_process(stack, settings, store, lease_seconds)
        me = await sign_in.identity
        await store.admit_team(me.team)

        async def open_bot(stack: AsyncExitStack, team: TeamId) -> WorkspaceBot | None:
            if team != me.team:  # another token was used with this database
                return None
            opening = workspace_bot(process, sign_in.client, sign_in.control_client, me)
            return await stack.enter_async_context(opening)

        bots = WorkspaceBots(open_bot)
        stack.push_async_callback(bots.close)
        workspace = await bots.get(me.team)
        assert workspace is not None  # noqa: S101 - it is this one
        readiness = open_readiness(stack, store)
        readiness.add("workspace", workspace.installation.problem)
        answerer = choose_answerer(process, bots, readiness, only=me.team)

        async def start() -> None:
            await stack.enter_async_context(answerer.running())
            await answerer.admit(me.team)

        await delete_old_conversations(stack, process, sign_in.client)
        dispatcher = OwnWorkspace(me.team, workspace.dispatcher)
        taking_in = receiving(settings.slack, settings.port, sign_in, dispatcher, start, readiness)
        port = await stack.enter_async_context(taking_in)
        await stack.enter_async_context(during(process.models.model.prepare()))
        yield Service(bots, me, settings, port, store.failed)


def open_process(
    stack: AsyncExitStack, settings: Settings, store: RecordStore, lease_seconds: float
) -> Process:
    """Opens what all workspaces share; it is closed with the stack."""
    sandbox = ExtractionSandbox(must_be_isolated=settings.sandbox == "required")
    models = open_models(stack, settings.model)
    return Process(settings, store, models, sandbox, lease_seconds)


def open_readiness(stack: AsyncExitStack, store: RecordStore) -> Readiness:
    readiness = Readiness()
    stack.push_async_callback(readiness.close)
    readiness.add("database", failing(store.check), max_age_seconds=DISK_CHECK_SECONDS)
    return readiness


def choose_answerer(
    process: Process,
    bots: WorkspaceBots[WorkspaceBot],
    readiness: Readiness,
    *,
    only: TeamId | None = None,
    on_workspaces: Callable[[], None] = lambda: None,
) -> Answerer:
    """Several processes may share a database of PostgreSQL; one of SQLite has one. `only` is the
    workspace whose token this process has, unless it serves all that have installed the app:
    `on_workspaces` is called when another process may have changed those.
    """
    if not is_shared(process.settings.database_url):
        return SoleProcess(process, bots)
    from slackbot.app.replica import Replica  # noqa: PLC0415 - imports an extra

    replica = Replica(process, bots, only=only, on_workspaces=on_workspaces)
    readiness.add("ownership", replica.problem)
    return replica


async def delete_old_conversations(
    stack: AsyncExitStack, process: Process, client: WebClient
) -> None:
    """From now on, if the settings say so. `client` tells Slack's time."""
    days = process.settings.retention_days
    if days is not None:
        deleting = delete_untouched_conversations(days, process.store, SlackClocks(client))
        await stack.enter_async_context(during(deleting))
