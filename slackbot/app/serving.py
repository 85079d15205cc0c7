"""Serves: opens what the process needs, starts the bot, and receives what Slack delivers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from slackbot.app.during import during
from slackbot.app.models import open_models
from slackbot.app.process import Process
from slackbot.app.workspace_bot import WorkspaceBot, workspace_bot
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.config import Settings
from slackbot.conversation.ids import TeamId
from slackbot.readiness import DISK_CHECK_SECONDS, Readiness, failing
from slackbot.service import Service
from slackbot.slack.clock import SlackClocks
from slackbot.slack.receiving import receiving
from slackbot.slack.sign_in import SignIn
from slackbot.store import RecordStore, is_shared
from slackbot.store.retention import delete_untouched_conversations

Start = Callable[[], Awaitable[None]]
"""Takes up what an earlier process left, and answers from then on."""


@asynccontextmanager
async def serving(
    settings: Settings, store: RecordStore, sign_in: SignIn
) -> AsyncIterator[Service]:
    """The bot works while the block runs; replies under way get their grace at its end.

    Raises ConfigError where a setting does not work.
    """
    async with AsyncExitStack() as stack:
        models = open_models(stack, settings.model)
        sandbox = ExtractionSandbox(must_be_isolated=settings.sandbox == "required")
        process = Process(settings, store, models, sandbox)
        me = await sign_in.identity

        async def open_bot(stack: AsyncExitStack, team: TeamId) -> WorkspaceBot | None:
            if team != me.team:
                return None
            opening = workspace_bot(process, sign_in.client, sign_in.control_client, me)
            return await stack.enter_async_context(opening)

        bots = WorkspaceBots(open_bot)
        stack.push_async_callback(bots.close)
        workspace = await bots.get(me.team)
        assert workspace is not None  # noqa: S101 - it is this one
        readiness = Readiness()
        stack.push_async_callback(readiness.close)
        readiness.add("database", failing(store.check), max_age_seconds=DISK_CHECK_SECONDS)
        readiness.add("workspace", workspace.installation.problem)
        if is_shared(settings.database_url):
            start = await _replicated(stack, process, bots, me.team, readiness)
        else:
            start = await _alone(stack, process, workspace)
        if settings.retention_days is not None:
            deleting = delete_untouched_conversations(
                settings.retention_days, store, SlackClocks(sign_in.client)
            )
            await stack.enter_async_context(during(deleting))
        port = await stack.enter_async_context(
            receiving(
                settings.slack, settings.port, sign_in, workspace.dispatcher, start, readiness
            )
        )
        await stack.enter_async_context(during(models.model.prepare()))
        yield Service(bots, me, settings, port, store.failed)


async def _alone(stack: AsyncExitStack, process: Process, workspace: WorkspaceBot) -> Start:
    """The only process of a database owns its workspace until it ends."""
    await workspace.answering.begin(process.store, _always)
    stack.push_async_callback(workspace.answering.end, process.settings.grace_seconds)

    async def resume() -> None:
        workspace.bot.resume(await process.store.unanswered())

    return resume


async def _replicated(
    stack: AsyncExitStack,
    process: Process,
    bots: WorkspaceBots,
    team: TeamId,
    readiness: Readiness,
) -> Start:
    """One of several processes owns its workspaces for as long as it renews their leases."""
    from slackbot.app.replica import Replica  # noqa: PLC0415 - imports an extra

    replica = Replica(process, bots)
    await replica.leases.add(team)
    readiness.add("ownership", replica.problem)

    async def start() -> None:
        await stack.enter_async_context(replica.running())

    return start


def _always() -> bool:
    return True
