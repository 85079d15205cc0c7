"""People with different rights, who change instructions with commands and in the form."""

from typing import Any

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage, elements, new_version
from slackbot.playground.json_types import Json
from slackbot.slack.buttons import PREFIX
from tests.harness import BotHarness


class InstructionsHarness:
    """Ada is an admin, Ana and Ben are members, Gus is a guest, Eve is from elsewhere."""

    def __init__(self, harness: BotHarness) -> None:
        self.harness = harness
        self.ada = harness.workspace.add_person("Ada", admin=True)
        self.gus = harness.workspace.add_person("Gus", restricted=True)
        self.eve = harness.workspace.add_person("Eve", stranger=True)
        self.random = harness.workspace.add_channel("random", members=[harness.ana])

    async def command(self, person: Person, text: str, channel: Channel | None = None) -> str:
        """The answer, which only the person sees, to `/instructions` with this text."""
        workspace, here = self.harness.workspace, channel or self.harness.general
        before = len(workspace.ephemerals)
        await workspace.command(person, here, "/instructions", text)
        await workspace.until(lambda: len(workspace.ephemerals) > before)
        answer = workspace.ephemerals[-1]
        assert (answer.user, answer.channel) == (person.id, here.id)
        return answer.text

    async def command_in(self, person: Person, root: PostedMessage, text: str) -> str:
        """The answer to the same command in a thread, where it needs a mention."""
        workspace, before = self.harness.workspace, len(self.harness.workspace.ephemerals)
        message = f"{self.harness.bot.mention} instructions {text}"
        channel = workspace.channels[root.channel]
        await workspace.say(person, channel, message, thread=root.ts)
        await workspace.until(lambda: len(workspace.ephemerals) > before)
        answer = workspace.ephemerals[-1]
        assert (answer.user, answer.thread_ts) == (person.id, root.ts)
        return answer.text

    async def form(self, person: Person, channel: Channel | None = None, text: str = "") -> Json:
        """The form that opens for `/instructions`, alone or with `workspace`."""
        workspace = self.harness.workspace
        before = len(workspace.views.history)
        await workspace.command(person, channel or self.harness.general, "/instructions", text)
        await workspace.until(lambda: len(workspace.views.history) > before)
        return self.on_top(person)

    def on_top(self, person: Person) -> Json:
        """The modal that a person sees."""
        return self.harness.workspace.views.modals[person.id][-1]

    async def save(self, person: Person, view: Json, **fields: Any) -> str:
        """What the modal says after a form is submitted with these fields changed."""
        await self.harness.workspace.submit_view(person, view, filled(view, **fields))
        return self.said(person)

    def said(self, person: Person) -> str:
        """All texts in the modal that a person sees."""
        return view_text(self.on_top(person))

    async def persona(self, channel: Channel | None = None) -> str:
        """The instructions that the model gets when somebody starts a thread in the channel."""
        self.harness.model.enqueue("Ahoy")
        question = await self.harness.workspace.say(
            self.harness.ana, channel or self.harness.general, f"{self.harness.bot.mention} hello"
        )
        await self.harness.answered(question, "Ahoy")
        return instructions_sent(self.harness)


def filled(view: Json, **fields: Any) -> dict[str, dict[str, Any]]:
    """The state of a form in which these fields are filled in."""
    names = {element["action_id"]: block for block, element in elements(view["blocks"])}
    return {
        names[f"slackbot_{field}"]["block_id"]: {f"slackbot_{field}": value}
        for field, value in fields.items()
    }


def fields(view: Json) -> set[str]:
    """The names of a view's fields and buttons."""
    return {element["action_id"].removeprefix(PREFIX) for _, element in elements(view["blocks"])}


def view_text(view: Json) -> str:
    """All that a view says outside of its fields."""
    return new_version("", view["blocks"]).shown


def field(view: Json, name: str) -> Json:
    """An element of a form."""
    return next(
        element
        for _, element in elements(view["blocks"])
        if element["action_id"] == f"slackbot_{name}"
    )


def instructions_sent(harness: BotHarness) -> str:
    """The instructions of the last request."""
    content: str = harness.model.requests[-1]["messages"][0]["content"]
    return content.partition("\n\n")[0]
