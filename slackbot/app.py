"""The whole bot, running: builds the edges that the settings ask for and hands them to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.service import Attachments
from slackbot.background import BackgroundTasks
from slackbot.config import Settings
from slackbot.delivery.speech import Speech
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.forms import InstructionsForms
from slackbot.instructions.scopes import Extra
from slackbot.instructions.service import InstructionsService
from slackbot.llm.openai import open_audio, open_images, open_model
from slackbot.llm.openai.model import OpenAIModel
from slackbot.slack import http_server, socket_mode
from slackbot.slack.client import web_client
from slackbot.slack.file_downloads import SlackFiles
from slackbot.slack.file_uploads import SlackUploads
from slackbot.slack.home_tab import HomeTabs
from slackbot.slack.identity import Identity, check_app_token, identify
from slackbot.slack.instructions_modal import InstructionsModal
from slackbot.slack.interactions import Interactions
from slackbot.slack.listeners import create_app
from slackbot.slack.members import SlackMembers
from slackbot.slack.messenger import SlackMessenger
from slackbot.slack.surfaces import Surfaces
from slackbot.slack.visibility import SlackVisibility
from slackbot.store import open_store
from slackbot.store.retention import keep_for
from slackbot.tools.builtin import builtin
from slackbot.tools.discovery import discover_tools
from slackbot.tools.functions import FunctionTool
from slackbot.tools.image_generation import drawing
from slackbot.tools.registry import RunnableTool, ToolRegistry, ToolSource
from slackbot.turns.approvals import Approvals
from slackbot.turns.bot import Bot
from slackbot.turns.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Service:
    """A running bot, and what it is connected to."""

    bot: Bot
    me: Identity
    settings: Settings
    port: int | None
    """Where it listens, if it does."""

    def __str__(self) -> str:
        """For those who started it; nothing secret is in it."""
        model, database = self.settings.model, urlsplit(self.settings.database_url)
        server = urlsplit(model.base_url or "https://api.openai.com")
        host = f"{server.hostname}:{server.port}" if server.port else server.hostname
        ways = ["Socket Mode"] if self.settings.slack.app_token else []
        ways += [f"HTTP on port {self.port}"] if self.port is not None else []
        return "\n".join(
            (
                f"team      {self.me.team_name} ({self.me.team})",
                f"bot       @{self.me.user_name} ({self.me.user})",
                f"model     {model.name} at {host}",
                f"database  {database.scheme}://{database.hostname or ''}{database.path}",
                f"listening {', '.join(ways)}",
            )
        )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """The bot works while the block runs; replies under way get their grace at its end.

    Raises ConfigError or StoreError where a setting does not work.
    """
    async with AsyncExitStack() as stack:
        store = await open_store(settings.database_url)
        stack.push_async_callback(store.close)
        client = await stack.enter_async_context(
            web_client(settings.slack.api_url, settings.slack.bot_token.get_secret_value())
        )
        me = await identify(client)
        model = open_model(settings.model)
        stack.push_async_callback(model.close)
        audio = open_audio(settings.model)
        stack.push_async_callback(audio.close)
        messenger = SlackMessenger(client, me)
        stack.push_async_callback(messenger.close)
        registry = SlackMembers(client, me.team)
        transcript = Transcript(messenger, me.user)
        visibility = SlackVisibility(client, messenger, registry, me.team)
        uploads = SlackUploads(client)
        own = builtin(visibility, store, transcript.read_out)
        own += _drawing(stack, settings, uploads)
        tool_registry = await _tool_registry(stack, settings, own)
        instructions_service = InstructionsService(
            me=me.user,
            default=settings.instructions,
            admins=settings.admins,
            records=store,
            registry=registry,
            display_name=messenger.display_name,
        )
        background_tasks = BackgroundTasks()
        stack.push_async_callback(background_tasks.close)
        attachments = Attachments(
            SlackFiles(client), ExtractionSandbox(), audio, settings.model.context_tokens
        )
        instructions_commands = InstructionsCommands(instructions_service, attachments)
        bot = Bot(
            me=me.user,
            model=model,
            messenger=messenger,
            store=store,
            settings_provider=instructions_service,
            tool_registry=tool_registry,
            approvals=Approvals(registry, settings.admins),
            instructions_commands=instructions_commands,
            speech=Speech(audio, uploads),
            attachments=attachments,
            context_tokens=settings.model.context_tokens,
            max_replies=settings.max_replies,
            mode=None if settings.streaming == "auto" else settings.streaming,
        )
        stack.push_async_callback(bot.close, settings.grace)
        surfaces = Surfaces(client)
        forms = InstructionsModal(
            InstructionsForms(
                team=me.team,
                instructions_service=instructions_service,
                documents=attachments,
                model=model,
                usual=settings.model.name,
                context_tokens=settings.model.context_tokens,
                extras=_extras(settings, model),
            ),
            surfaces,
            background_tasks,
            settings.model.name,
        )
        homes = HomeTabs(me, instructions_service, surfaces, background_tasks)
        instructions_service.tell(homes.refresh)
        app = create_app(
            client,
            me,
            signing_secret=_plain(settings.slack.signing_secret),
            handler=bot,
            home=homes,
            add_interactions=Interactions(
                me, instructions_commands, forms, background_tasks
            ).add_to,
        )
        app_token = _plain(settings.slack.app_token)
        if app_token is not None:
            await check_app_token(client, app_token)
        is_connected: Callable[[], bool] = _not_yet

        def healthy() -> bool:
            return is_connected()

        port = None
        if settings.port is not None:
            routes = [http_server.health(healthy)]
            if app_token is None:
                routes.append(http_server.events(app))
            port = await stack.enter_async_context(http_server.listening(settings.port, *routes))
        if settings.retention_days is not None:
            await stack.enter_async_context(_aside(keep_for(settings.retention_days, store)))
        await bot.resume()
        if app_token is None:
            is_connected = _always
        else:
            is_connected = await stack.enter_async_context(socket_mode.connected(app, app_token))
        yield Service(bot, me, settings, port)


async def _tool_registry(
    stack: AsyncExitStack, settings: Settings, builtin: Sequence[RunnableTool]
) -> ToolRegistry:
    """All tools there are; closed, and servers left, with the stack."""
    own = discover_tools(settings.tools)
    sources: list[ToolSource] = []
    if settings.mcp is not None:
        from slackbot.tools.mcp_config import servers  # noqa: PLC0415 - as above
        from slackbot.tools.mcp_servers import connected  # noqa: PLC0415 - takes more than a second

        named = servers(settings.mcp, settings.environment)
        sources.append(await stack.enter_async_context(connected(named)))
    tool_registry = ToolRegistry([*own, *builtin], sources)
    stack.push_async_callback(tool_registry.close)
    return tool_registry


def _drawing(
    stack: AsyncExitStack, settings: Settings, uploads: SlackUploads
) -> list[FunctionTool]:
    """The tool that draws, if there is a model for it."""
    images = open_images(settings.model)
    if images is None:
        return []
    stack.push_async_callback(images.close)
    return [drawing(images, uploads)]


def _extras(settings: Settings, model: OpenAIModel) -> tuple[Extra, ...]:
    """What admins can switch on: what the bot has been given what it needs for."""
    there: dict[Extra, bool] = {
        "speech": bool(settings.model.speech) or model.accepts_audio(""),
        "search": model.can_search,
    }
    return tuple(extra for extra in there if there[extra])


@asynccontextmanager
async def _aside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Something goes on while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _not_yet() -> bool:
    return False


def _always() -> bool:
    return True


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
