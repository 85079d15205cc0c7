"""Bolt's listeners for instructions: the slash command, the forms, and the Home tab's buttons.

https://docs.slack.dev/interactivity/implementing-slash-commands
https://docs.slack.dev/interactivity/handling-user-interaction
"""

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp

from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.errors import NotAllowedError, SlackbotError, SlackError, StoreError
from slackbot.instructions.command_parser import CHANGES, parse_command
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.scopes import Scope
from slackbot.slack.address_posts import ResponseUrls
from slackbot.slack.home_tab_view import EDIT, EDIT_PROMPTS, WORKSPACE
from slackbot.slack.identity import Identity
from slackbot.slack.instructions_modal import InstructionsModal, sentence
from slackbot.slack.modal_state import INSTRUCTIONS_FORM, MODEL, PROMPTS_FORM, SCOPE, TRY

logger = logging.getLogger(__name__)

Body = Mapping[str, Any]


class RequestStore(Protocol):
    async def claim_request(self, team: TeamId, identity: str) -> bool:
        """Notes that a request is carried out now; False if it was before. Raises StoreError."""


class InstructionsListeners:
    """Acknowledges at once, as Slack waits three seconds, and does the rest in the background."""

    def __init__(
        self,
        me: Identity,
        instructions_commands: InstructionsCommands,
        modal: InstructionsModal,
        background_tasks: BackgroundTasks,
        response_urls: ResponseUrls,
        requests: RequestStore,
    ) -> None:
        self._me = me
        self._instructions_commands = instructions_commands
        self._modal = modal
        self._background_tasks = background_tasks
        self._response_urls = response_urls
        self._requests = requests

    def add_to(self, app: AsyncApp) -> None:
        app.command("/instructions")(self.command)
        app.action(SCOPE)(self.switch_scope)
        app.action(TRY)(self.try_out)
        app.action(EDIT)(self.edit)
        app.action(EDIT_PROMPTS)(self.edit)
        app.options(MODEL)(self.options)
        app.view(INSTRUCTIONS_FORM)(self.submit)
        app.view(PROMPTS_FORM)(self.submit_prompts)

    async def command(self, ack: AsyncAck, command: Body) -> None:
        """The slash command."""
        await ack()
        self._background_tasks.begin(self._run(command))

    async def switch_scope(self, ack: AsyncAck, body: Body, action: Body) -> None:
        """The choice between the channel and the workspace in a form."""
        await ack()
        option = action.get("selected_option")
        workspace = isinstance(option, dict) and option.get("value") == "workspace"
        self._background_tasks.begin(
            self._modal.switch(UserId(body["user"]["id"]), body["view"], workspace=workspace)
        )

    async def try_out(self, ack: AsyncAck, body: Body) -> None:
        """The button that asks the model a question."""
        await ack()
        self._background_tasks.begin(self._modal.try_out(UserId(body["user"]["id"]), body["view"]))

    async def edit(self, ack: AsyncAck, body: Body, action: Body) -> None:
        """A button of the Home tab."""
        await ack()
        self._background_tasks.begin(self._open_from_home(body, action))

    async def options(self, ack: AsyncAck, payload: Body) -> None:
        """The menu of models."""
        await ack(options=await self._modal.options(str(payload.get("value") or "")))

    async def submit(self, ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await self._modal.submit(UserId(body["user"]["id"]), view))

    async def submit_prompts(self, ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await self._modal.submit_prompts(UserId(body["user"]["id"]), view))

    async def _run(self, payload: Body) -> None:
        answer = await self._answer(payload)
        if not answer:
            return
        try:
            await self._response_urls.respond(str(payload.get("response_url", "")), answer)
        except SlackError as err:
            logger.warning("The answer to a command was not shown: %s", err.detail)

    async def _is_first(self, payload: Body) -> bool:
        """Whether a command was not carried out before, also not before a restart.

        Who has seen a signed request can send it again for five minutes. Slack gives each its
        own trigger ID. While the store fails, what the command changes can't be stored either.
        https://docs.slack.dev/authentication/verifying-requests-from-slack
        """
        trigger = str(payload.get("trigger_id") or "")
        try:
            first = not trigger or await self._requests.claim_request(self._me.team, trigger)
        except StoreError:
            return True
        if not first:
            logger.warning("A command was delivered again, and changed nothing")
        return first

    async def _answer(self, payload: Body) -> str:
        """Carries out a command. Returns what the person reads; nothing if a form opened, or
        if it was carried out before.
        """
        user = UserId(str(payload.get("user_id", "")))
        channel = ChannelId(str(payload.get("channel_id", "")))
        text, trigger = str(payload.get("text", "")), str(payload.get("trigger_id", ""))
        command = parse_command(text)
        if command.verb in CHANGES and not await self._is_first(payload):
            return ""
        if command.verb == "edit":
            try:
                await self._modal.open(user, channel, trigger, workspace=command.workspace)
            except NotAllowedError:  # then the settings are shown instead
                pass
            except SlackbotError as err:
                return sentence(err)
            else:
                return ""
        return await self._instructions_commands.answer(
            user, Scope(self._me.team, channel), command
        )

    async def _open_from_home(self, body: Body, action: Body) -> None:
        user, trigger = UserId(body["user"]["id"]), str(body.get("trigger_id", ""))
        value = str(action.get("value") or "")
        channel = ChannelId("" if value == WORKSPACE else value)
        try:
            if action["action_id"] == EDIT_PROMPTS:
                await self._modal.open_prompts(user, trigger)
            else:
                await self._modal.open(user, channel, trigger, workspace=not channel)
        except SlackbotError as err:
            await self._modal.explain(trigger, err)
