"""The slash command, the forms and the menus in them: what is acknowledged, and what follows.

https://docs.slack.dev/interactivity/implementing-slash-commands
https://docs.slack.dev/interactivity/handling-user-interaction
"""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from slackbot.background import BackgroundTasks
from slackbot.errors import NotAllowedError, SlackbotError
from slackbot.instructions.command_parser import parse_command
from slackbot.instructions.commands import InstructionsCommands
from slackbot.instructions.scopes import Scope
from slackbot.slack.home_tab_view import EDIT, EDIT_PROMPTS, EVERYWHERE
from slackbot.slack.identity import Identity
from slackbot.slack.instructions_modal import InstructionsModal, sentence
from slackbot.slack.modal_state import FORM, MODEL, PROMPTS_FORM, SCOPE, TRY

Body = Mapping[str, Any]


class Interactions:
    """What is slow goes on as an errand, after the acknowledgement: Slack waits three seconds."""

    def __init__(
        self,
        me: Identity,
        instructions_commands: InstructionsCommands,
        forms: InstructionsModal,
        background_tasks: BackgroundTasks,
    ) -> None:
        self._me = me
        self._instructions_commands = instructions_commands
        self._forms = forms
        self._background_tasks = background_tasks

    def add_to(self, app: AsyncApp) -> None:
        app.command("/instructions")(self.ordered)
        app.action(SCOPE)(self.switched)
        app.action(TRY)(self.try_instructions)
        app.action(EDIT)(self.edited)
        app.action(EDIT_PROMPTS)(self.edited)
        app.options(MODEL)(self.options)
        app.view(FORM)(self.submitted)
        app.view(PROMPTS_FORM)(self.submitted_prompts)

    async def ordered(self, ack: AsyncAck, command: Body, respond: AsyncRespond) -> None:
        await ack()
        self._background_tasks.begin(self._obey(command, respond))

    async def switched(self, ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        workspace = (action.get("selected_option") or {}).get("value") == "workspace"
        self._background_tasks.begin(
            self._forms.switch(body["user"]["id"], body["view"], workspace=workspace)
        )

    async def try_instructions(self, ack: AsyncAck, body: Body) -> None:
        await ack()
        self._background_tasks.begin(self._forms.try_out(body["user"]["id"], body["view"]))

    async def edited(self, ack: AsyncAck, body: Body, action: Body) -> None:
        """A button of the Home tab."""
        await ack()
        self._background_tasks.begin(self._open_from_home(body, action))

    async def options(self, ack: AsyncAck, payload: Body) -> None:
        await ack(options=await self._forms.options(str(payload.get("value") or "")))

    async def submitted(self, ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await self._forms.submit(body["user"]["id"], view))

    async def submitted_prompts(self, ack: AsyncAck, body: Body, view: Body) -> None:
        await ack(**await self._forms.submit_prompts(body["user"]["id"], view))

    async def _obey(self, payload: Body, respond: AsyncRespond) -> None:
        user, channel = str(payload.get("user_id", "")), str(payload.get("channel_id", ""))
        text, trigger = str(payload.get("text", "")), str(payload.get("trigger_id", ""))
        command = parse_command(text)
        if command.verb == "edit":
            try:
                await self._forms.open(user, channel, trigger, workspace=command.workspace)
            except NotAllowedError:  # who may not edit is shown what they would see in the form
                pass
            except SlackbotError as err:
                await respond(sentence(err))
                return
            else:
                return
        await respond(
            await self._instructions_commands.answer(user, Scope(self._me.team, channel), command)
        )

    async def _open_from_home(self, body: Body, action: Body) -> None:
        user, trigger = body["user"]["id"], str(body.get("trigger_id", ""))
        value = str(action.get("value") or "")
        channel = "" if value == EVERYWHERE else value
        try:
            if action["action_id"] == EDIT_PROMPTS:
                await self._forms.open_prompts(user, trigger)
            else:
                await self._forms.open(user, channel, trigger, workspace=not channel)
        except SlackbotError as err:
            await self._forms.explain(trigger, err)
