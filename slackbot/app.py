"""The composition root: settings in, a running bot out. No other module builds parts of the bot."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.service import Attachments
from slackbot.attachments.transcripts import Transcripts
from slackbot.background import BackgroundTasks
from slackbot.config import Settings, Streaming
from slackbot.conversation.ids import UserId
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.rate_recorder import RateRecorder
from slackbot.delivery.speech import Speech
from slackbot.delivery.streaming_mode import BEST, EDITS, STREAMS, StreamingMode
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.form_service import FormOptions, InstructionsForms
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.settings import Extra
from slackbot.instructions.text_reader import TextReader
from slackbot.llm.openai import open_audio, open_images, open_model
from slackbot.llm.openai.audio import AudioModel
from slackbot.llm.openai.images import ImageModel
from slackbot.llm.openai.model import OpenAIModel
from slackbot.readiness import DISK_CHECK_SECONDS, Readiness, failing
from slackbot.service import Service
from slackbot.slack.address_posts import ResponseUrls
from slackbot.slack.channel_notes import ChannelNotes
from slackbot.slack.channels import SlackChannels
from slackbot.slack.client import WebClient
from slackbot.slack.clock import SlackClocks
from slackbot.slack.file_downloads import SlackFiles
from slackbot.slack.file_uploads import SlackUploads
from slackbot.slack.home_tab import HomeTabs
from slackbot.slack.identity import Identity
from slackbot.slack.installation import Installation
from slackbot.slack.instructions_listeners import InstructionsListeners
from slackbot.slack.instructions_modal import InstructionsModal
from slackbot.slack.listeners import create_app
from slackbot.slack.members import SlackMembers
from slackbot.slack.mention_names import MentionNames
from slackbot.slack.messenger import SlackMessenger
from slackbot.slack.missed_messages import SlackMissedMessages
from slackbot.slack.receiving import receiving
from slackbot.slack.sign_in import SignIn
from slackbot.slack.thread_reader import ThreadReader
from slackbot.slack.tool_changes import ToolChangeReviews
from slackbot.slack.users import SlackUsers
from slackbot.slack.views import SlackViews
from slackbot.slack.visibility import SlackVisibility
from slackbot.store import RecordStore
from slackbot.store.retention import delete_untouched_conversations
from slackbot.tools.builtin import builtin_tools
from slackbot.tools.discovery import discover_tools
from slackbot.tools.image_generation import image_generation_tool
from slackbot.tools.mcp_pins import McpPins
from slackbot.tools.registry import ToolRegistry, ToolSource
from slackbot.turns.agent import Agent
from slackbot.turns.app_senders import AppSenders
from slackbot.turns.approvals import Approvals
from slackbot.turns.bot import Bot
from slackbot.turns.catch_up import CatchUp
from slackbot.turns.fair_semaphore import FairSemaphore
from slackbot.turns.instructions_alert import InstructionsAlert
from slackbot.turns.regeneration_rights import RegenerationRights
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.session_services import SessionServices
from slackbot.turns.thread_sessions import ThreadSessions
from slackbot.turns.transcript import Transcript
from slackbot.turns.turn_runner import TurnRunner

STREAMING_MODES: Mapping[Streaming, Sequence[StreamingMode]] = {
    "auto": BEST,
    "edit": EDITS,
    "native": STREAMS,
}
"""By the setting."""


@asynccontextmanager
async def serving(
    settings: Settings, store: RecordStore, sign_in: SignIn
) -> AsyncIterator[Service]:
    """The bot works while the block runs; replies under way get their grace at its end.

    Raises ConfigError where a setting does not work.
    """
    async with AsyncExitStack() as stack:
        background = BackgroundTasks()
        models = _models(stack, settings)
        slack = await _slack(stack, sign_in)
        attachments = _attachments(settings, slack, models)
        instructions = _instructions(settings, slack, store)
        text_reader = TextReader(attachments, bot_user=slack.me.user, names=slack.messenger)
        commands = InstructionsCommands(instructions, text_reader)
        roles = RoleDirectory(slack.users, _admins(settings))
        approvals = Approvals(roles)
        transcript = Transcript(slack.messenger, slack.me.user)
        pins = McpPins(store, slack.me.team)
        agent = Agent(
            model=models.model,
            attachments=attachments,
            tool_registry=await _tools(stack, settings, slack, models, store, transcript, pins),
            approvals=approvals,
            roles=roles,
            context_tokens=settings.model.context_tokens,
        )
        services = SessionServices(
            me=slack.me.user,
            store=store,
            transcript=transcript,
            settings=instructions,
            runner=await _turn_runner(stack, settings, slack, models, store, transcript, agent),
            commands=commands,
            approvals=approvals,
            regeneration=RegenerationRights(roles, SlackChannels(slack.client, slack.users)),
            ephemeral=slack.ephemeral,
            alert=InstructionsAlert(instructions, slack.ephemeral),
            senders=AppSenders(slack.users, slack.ephemeral),
        )
        bot = Bot(slack.me.user, store, ThreadSessions(services))
        stack.push_async_callback(background.close)
        stack.push_async_callback(bot.close, settings.grace_seconds)
        missed = SlackMissedMessages(slack.client, slack.me)
        catch_up = CatchUp(bot, slack.me.user, store, missed, slack.ephemeral)
        stack.push_async_callback(catch_up.close)
        home = HomeTabs(slack.me, instructions, slack.views, slack.messenger, background, pins)
        instructions.on_change(home.refresh)
        reviews = ToolChangeReviews(
            slack.me.team,
            pins,
            instructions,
            roles,
            ChannelNotes(slack.client),
            background,
            home.refresh,
        )
        pins.on_review(reviews.on_review)
        reviews.on_review()  # servers were asked before anybody could be told
        modal = _modal(settings, slack, models, instructions, text_reader, background)
        listeners = InstructionsListeners(
            slack.me, commands, modal, background, ResponseUrls(slack.client), store
        )
        installation = Installation(sign_in.control_client)
        readiness = Readiness()
        stack.push_async_callback(readiness.close)
        readiness.add("database", failing(store.check), max_age_seconds=DISK_CHECK_SECONDS)
        readiness.add("workspace", installation.problem)
        bolt = create_app(
            slack.client,
            slack.me,
            signing_secret=_plain(settings.slack.signing_secret),
            installation=installation,
            handler=catch_up,
            home=home,
            add_interactions=(listeners.add_to, reviews.add_to),
        )
        if settings.retention_days is not None:
            await stack.enter_async_context(
                _during(
                    delete_untouched_conversations(
                        settings.retention_days, store, SlackClocks(slack.client)
                    )
                )
            )
        port = await stack.enter_async_context(
            receiving(settings.slack, settings.port, sign_in, bolt, bot.resume, readiness)
        )
        await stack.enter_async_context(_during(models.model.prepare()))
        yield Service(bot, slack.me, settings, port, store.failed)


@dataclass(frozen=True, slots=True)
class _Slack:
    """The edge to Slack."""

    client: WebClient
    me: Identity
    users: SlackUsers
    threads: ThreadReader
    messenger: SlackMessenger
    ephemeral: EphemeralMessages
    uploads: SlackUploads
    views: SlackViews


async def _slack(stack: AsyncExitStack, sign_in: SignIn) -> _Slack:
    client, me = sign_in.client, await sign_in.identity
    users = SlackUsers(client, me.team)
    stack.push_async_callback(users.close)
    mentions = MentionNames(client)
    stack.push_async_callback(mentions.close)
    threads = ThreadReader(client, me)
    messenger = SlackMessenger(client, users, mentions, threads)
    return _Slack(
        client,
        me,
        users,
        threads,
        messenger,
        EphemeralMessages(messenger),
        SlackUploads(client),
        SlackViews(client),
    )


@dataclass(frozen=True, slots=True)
class _Models:
    """The edge to the models."""

    model: OpenAIModel
    audio: AudioModel
    images: ImageModel | None


def _models(stack: AsyncExitStack, settings: Settings) -> _Models:
    models = _Models(
        open_model(settings.model), open_audio(settings.model), open_images(settings.model)
    )
    for each in (models.model, models.audio, models.images):
        if each is not None:
            stack.push_async_callback(each.close)
    return models


def _attachments(settings: Settings, slack: _Slack, models: _Models) -> Attachments:
    return Attachments(
        SlackFiles(slack.client, slack.users.display_name),
        ExtractionSandbox(must_be_isolated=settings.sandbox == "required"),
        Transcripts(models.audio),
        settings.model.context_tokens,
    )


def _admins(settings: Settings) -> frozenset[UserId]:
    return frozenset(map(UserId, settings.admins))


def _instructions(settings: Settings, slack: _Slack, store: RecordStore) -> InstructionsService:
    return InstructionsService(
        default_text=settings.instructions,
        admins=_admins(settings),
        revision_store=store,
        members=SlackMembers(slack.client, slack.users),
    )


async def _tools(
    stack: AsyncExitStack,
    settings: Settings,
    slack: _Slack,
    models: _Models,
    store: RecordStore,
    transcript: Transcript,
    pins: McpPins,
) -> ToolRegistry:
    """All tools there are; closed, and servers left, with the stack."""
    visibility = SlackVisibility(slack.client, slack.threads, slack.users, slack.me.team)
    tools = discover_tools(settings.tools)
    tools += builtin_tools(visibility, store, transcript.lines)
    if models.images is not None:
        tools.append(image_generation_tool(models.images, slack.uploads))
    sources: list[ToolSource] = []
    if settings.mcp is not None:
        from slackbot.tools.mcp_config import load_mcp_config  # noqa: PLC0415 - as below
        from slackbot.tools.mcp_servers import connect_mcp_servers  # noqa: PLC0415 - takes a second

        configs = load_mcp_config(settings.mcp, settings.environment)
        taken = {tool.definition.name for tool in tools}
        servers = connect_mcp_servers(configs, settings.network, pins, taken)
        sources.append(await stack.enter_async_context(servers))
    registry = ToolRegistry(tools, sources)
    stack.push_async_callback(registry.close)
    return registry


async def _turn_runner(
    stack: AsyncExitStack,
    settings: Settings,
    slack: _Slack,
    models: _Models,
    store: RecordStore,
    transcript: Transcript,
    agent: Agent,
) -> TurnRunner:
    speech = Speech(models.audio, slack.uploads)
    stack.push_async_callback(speech.close)
    rate_limiter = RateLimiter(STREAMING_MODES[settings.streaming])
    recorder = RateRecorder(rate_limiter, store, slack.me.team)
    await recorder.open()
    stack.push_async_callback(recorder.close)
    replies = ActiveReplies(slack.messenger, rate_limiter, slack.ephemeral)
    stack.push_async_callback(replies.close)
    return TurnRunner(
        transcript=transcript,
        replies=replies,
        semaphore=FairSemaphore(settings.max_replies),
        agent=agent,
        speech=speech,
    )


def _modal(
    settings: Settings,
    slack: _Slack,
    models: _Models,
    instructions: InstructionsService,
    text_reader: TextReader,
    background: BackgroundTasks,
) -> InstructionsModal:
    options = FormOptions(
        slack.me.team,
        default_model=settings.model.name,
        context_tokens=settings.model.context_tokens,
        available_extras=_extras(settings, models.model),
    )
    return InstructionsModal(
        InstructionsForms(instructions, text_reader, models.model, options),
        slack.views,
        ChannelNotes(slack.client),
        background,
        settings.model.name,
    )


def _extras(settings: Settings, model: OpenAIModel) -> tuple[Extra, ...]:
    """What admins can switch on: what the bot has been given what it needs for."""
    there: dict[Extra, bool] = {
        "speech": bool(settings.model.speech_model) or model.accepts_audio(""),
        "search": model.can_search,
    }
    return tuple(extra for extra in there if there[extra])


@asynccontextmanager
async def _during(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Something goes on while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
