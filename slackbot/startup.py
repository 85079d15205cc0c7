"""The start of the bot: Slack is asked first, and answers while the rest of the bot is imported."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from slackbot.config import Settings
from slackbot.slack.sign_in import AppSignIn, SignIn, app_signing_in, signing_in
from slackbot.store import open_store
from slackbot.workspaces.ownership import LEASE_SECONDS

if TYPE_CHECKING:
    from slackbot.service import Service


@asynccontextmanager
async def running(
    settings: Settings, *, lease_seconds: float = LEASE_SECONDS
) -> AsyncIterator["Service"]:
    """The bot works while the block runs; replies under way get their grace at its end.

    Slack is asked only once the database is ours: another process on it would use up Slack's
    limits. `lease_seconds` is for how long a replica owns a workspace without renewing that.
    Raises ConfigError or StoreError where a setting does not work.
    """
    async with AsyncExitStack() as stack:
        store = await open_store(settings.database_url)
        stack.push_async_callback(store.close)
        sign_in: SignIn | AppSignIn
        if settings.slack.installs is None:
            sign_in = await stack.enter_async_context(signing_in(settings.slack))
        else:
            sign_in = await stack.enter_async_context(app_signing_in(settings.slack))
        await asyncio.to_thread(import_module, "slackbot.app")
        from slackbot import app  # noqa: PLC0415 - imported above, in a thread

        if isinstance(sign_in, SignIn):
            service = app.serving(settings, store, sign_in, lease_seconds=lease_seconds)
        else:
            service = app.serving_installed(settings, store, sign_in, lease_seconds=lease_seconds)
        yield await stack.enter_async_context(service)
