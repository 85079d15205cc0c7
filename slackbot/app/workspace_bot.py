"""The bot of one workspace, put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from slackbot.app.answering import Answering, AnsweringParts, RightToAnswer
from slackbot.app.process import Process
from slackbot.app.slack_edge import SlackEdge, open_slack_edge
from slackbot.app.tools import open_tools
from slackbot.attachments.service import Attachments
from slackbot.attachments.transcripts import Transcripts
from slackbot.background import BackgroundTasks
from slackbot.config import Settings
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.form_service import FormOptions, InstructionsForms
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.settings import Extra
from slackbot.instructions.text_reader import TextReader
from slackbot.llm.openai.model import OpenAIModel
from slackbot.slack.address_posts import ResponseUrls
from slackbot.slack.channel_notes import ChannelNotes
from slackbot.slack.client import WebClient
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.file_downloads import SlackFiles
from slackbot.slack.home_tab import HomeTabs
from slackbot.slack.identity import Identity
from slackbot.slack.installation import InstallationCheck
from slackbot.slack.instructions_listeners import InstructionsListeners
from slackbot.slack.instructions_modal import InstructionsModal
from slackbot.slack.listeners import create_app
from slackbot.slack.members import SlackMembers
from slackbot.slack.missed_messages import SlackMissedMessages
from slackbot.slack.tool_changes import ToolChangeReviews
from slackbot.tools.mcp_pins import McpPins
from slackbot.turns.agent import Agent
from slackbot.turns.approvals import Approvals
from slackbot.turns.bot import Bot
from slackbot.turns.catch_up import CatchUp
from slackbot.turns.role_directory import RoleDirectory
from slackbot.turns.transcript import Transcript


@dataclass(frozen=True, slots=True)
class WorkspaceBot:
    """It takes in what its workspace delivers; it answers while this process owns that."""

    me: Identity
    client: WebClient
    bot: Bot
    answering: Answering
    dispatcher: Dispatcher
    installation: InstallationCheck
    refresh: Callable[[], None]
    """Shows people what another replica has changed."""
    must_stay: Callable[[], bool]
    """As `AnsweringBot.must_stay`."""


@asynccontextmanager
async def workspace_bot(
    process: Process, client: WebClient, control_client: WebClient, me: Identity
) -> AsyncIterator[WorkspaceBot]:
    """Takes in while the block runs, and does not answer yet. Raises ConfigError."""
    settings, store = process.settings, process.store
    async with AsyncExitStack() as stack:
        background = BackgroundTasks()
        may_answer = RightToAnswer()
        slack = open_slack_edge(stack, client, me, may_answer)
        attachments = Attachments(
            SlackFiles(client, slack.users.display_name),
            process.sandbox,
            Transcripts(process.models.audio),
            settings.model.context_tokens,
        )
        instructions = InstructionsService(
            default_text=settings.instructions,
            admins=process.admins,
            revision_store=store,
            members=SlackMembers(client, slack.users),
        )
        text_reader = TextReader(attachments, bot_user=me.user, names=slack.messenger)
        commands = InstructionsCommands(instructions, text_reader)
        roles = RoleDirectory(slack.users, process.admins)
        approvals = Approvals(roles)
        transcript = Transcript(slack.owner.messenger, me.user)
        pins = McpPins(store, me.team)
        tools = await open_tools(stack, process, slack, transcript, pins)
        agent = Agent(
            model=process.models.model,
            attachments=attachments,
            tool_registry=tools,
            approvals=approvals,
            roles=roles,
            context_tokens=settings.model.context_tokens,
        )
        stack.push_async_callback(background.close)
        bot = Bot(me.user, store)
        missed = SlackMissedMessages(client, me)
        catch_up = CatchUp(bot, me.user, store, missed, slack.ephemeral)
        stack.push_async_callback(catch_up.close)
        home = HomeTabs(me, instructions, slack.views, slack.messenger, background, pins)
        instructions.on_change(home.refresh)
        reviews = ToolChangeReviews(
            me.team, pins, instructions, roles, ChannelNotes(client), background, home.refresh
        )

        def on_review() -> None:
            reviews.on_review()
            if may_answer():
                reviews.tell_admins()

        pins.on_review(on_review)
        reviews.on_review()  # servers were asked before anybody could be told
        modal = _modal(process, slack, instructions, text_reader, background)
        listeners = InstructionsListeners(
            me, commands, modal, background, ResponseUrls(client), store
        )
        installation = InstallationCheck(control_client)
        bolt = create_app(
            client,
            me,
            signing_secret=_plain(settings.slack.signing_secret),
            installation=installation,
            handler=catch_up,
            home=home,
            add_interactions=(listeners.add_to, reviews.add_to),
        )
        parts = AnsweringParts(
            process, slack, instructions, text_reader, roles, approvals, transcript, agent
        )
        answering = Answering(parts, bot, may_answer, reviews.tell_admins)
        stack.push_async_callback(answering.close)

        async def look() -> None:
            await pins.refresh()
            home.refresh()

        def refresh() -> None:
            background.begin(look())

        yield WorkspaceBot(
            me, client, bot, answering, bolt, installation, refresh, lambda: catch_up.is_recovering
        )


def _modal(
    process: Process,
    slack: SlackEdge,
    instructions: InstructionsService,
    text_reader: TextReader,
    background: BackgroundTasks,
) -> InstructionsModal:
    settings, model = process.settings, process.models.model
    options = FormOptions(
        slack.me.team,
        default_model=settings.model.name,
        context_tokens=settings.model.context_tokens,
        available_extras=_extras(settings, model),
    )
    return InstructionsModal(
        InstructionsForms(instructions, text_reader, model, options),
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


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
