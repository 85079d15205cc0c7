"""Serves: opens what the process needs, starts the bot, and receives what Slack delivers."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

from slackbot.app.models import open_models
from slackbot.app.process import Process
from slackbot.app.workspace_bot import workspace_bot
from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.config import Settings
from slackbot.readiness import DISK_CHECK_SECONDS, Readiness, failing
from slackbot.service import Service
from slackbot.slack.clock import SlackClocks
from slackbot.slack.receiving import receiving
from slackbot.slack.sign_in import SignIn
from slackbot.store import RecordStore
from slackbot.store.retention import delete_untouched_conversations


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
        workspace = await stack.enter_async_context(
            workspace_bot(process, sign_in.client, sign_in.control_client, me)
        )
        await workspace.answering.begin(store, _always)
        stack.push_async_callback(workspace.answering.end, settings.grace_seconds)
        readiness = Readiness()
        stack.push_async_callback(readiness.close)
        readiness.add("database", failing(store.check), max_age_seconds=DISK_CHECK_SECONDS)
        readiness.add("workspace", workspace.installation.problem)
        if settings.retention_days is not None:
            deleting = delete_untouched_conversations(
                settings.retention_days, store, SlackClocks(sign_in.client)
            )
            await stack.enter_async_context(_during(deleting))
        port = await stack.enter_async_context(
            receiving(
                settings.slack,
                settings.port,
                sign_in,
                workspace.dispatcher,
                workspace.bot.resume,
                readiness,
            )
        )
        await stack.enter_async_context(_during(models.model.prepare()))
        yield Service(workspace.bot, me, settings, port, store.failed)


@asynccontextmanager
async def _during(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Something goes on while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _always() -> bool:
    return True
