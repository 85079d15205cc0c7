"""The stage that most tests play on: a workspace, a model, and the real bot between the two."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot import config
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Channel, Organisation, Person
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.service import Service
from slackbot.slack.buttons import PREFIX
from slackbot.slack.manifest import scopes
from slackbot.startup import running

Request = Mapping[str, Any]


def echo(request: Request) -> str:
    """A model's answer that says what it answers: all that was said after its last one."""
    asked: list[str] = []
    for message in request["messages"][1:]:
        if message["role"] == "assistant":
            asked.clear()
        elif message["role"] == "user":
            asked.append(message["content"])
    return f"To: {' + '.join(asked)}."


class BotHarness:
    service: Service
    """The bot that is playing."""

    def __init__(self, workspace: Workspace, model: ModelServer, folder: Path) -> None:
        self.workspace = workspace
        self.model = model
        self.folder = folder
        workspace.scopes = set(scopes())
        self.bot = workspace.bot
        self.ana = workspace.add_person("Ana")
        self.ben = workspace.add_person("Ben")
        self.general = workspace.add_channel("general", members=[self.ana, self.ben])
        self.environment = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": workspace.url,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": model.url,
            "OPENAI_MODEL": "stand-in",
            "DATABASE_URL": f"sqlite:///{folder / 'slackbot.db'}",
            "SLACKBOT_INSTRUCTIONS": "You are a pirate.",
        }

    @asynccontextmanager
    async def running(
        self, changes: Mapping[str, str] | None = None, *, grace: float = 5.0, stall: float = 60.0
    ) -> AsyncIterator[Service]:
        """The bot runs while the block runs, with these changes to its environment."""
        settings = config.parse({**self.environment, **(changes or {})})
        model = settings.model.model_copy(update={"stall_seconds": stall})
        settings = settings.model_copy(update={"model": model, "grace_seconds": grace})
        async with running(settings) as self.service:
            yield self.service

    def install_for_organisation(self) -> None:
        """The bot's token is that of a whole organisation."""
        installation = self.workspace.installation
        assert installation is not None
        installation.team = None
        installation.organisation = Organisation("E0A00000001", "Acme", self.bot.id)

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Slack's library fails once, when it is to read a thread, as nobody has foreseen."""
        works = AsyncWebClient.conversations_replies

        async def fail(*_: Any, **__: Any) -> None:
            monkeypatch.setattr(AsyncWebClient, "conversations_replies", works)
            raise ArithmeticError("a bug in the library")

        monkeypatch.setattr(AsyncWebClient, "conversations_replies", fail)

    async def mention(self, text: str, *, thread: str | None = None) -> PostedMessage:
        """Ana mentions the bot in #general."""
        return await self.workspace.say(
            self.ana, self.general, f"{self.bot.mention} {text}", thread=thread
        )

    async def said_before(
        self, person: Person, text: str, *, thread: str | None = None, **shown: Any
    ) -> PostedMessage:
        """Somebody says something in #general while the bot does not run; `shown` as in `say`."""
        feed = self.workspace.feed
        patience, feed.connection_timeout = feed.connection_timeout, 0.0
        message = await self.workspace.say(person, self.general, text, thread=thread, **shown)
        feed.connection_timeout = patience
        return message

    def answers(self, question: PostedMessage) -> list[PostedMessage]:
        """What the bot has said so far in the question's thread."""
        channel = self.workspace.channels[question.channel]
        thread = self.workspace.thread(channel, question.thread_ts or question.ts)
        return [message for message in thread if message.author == self.bot]

    async def answered(self, question: PostedMessage, *shown: str) -> list[PostedMessage]:
        """The bot's messages in the question's thread, once they show exactly these texts."""
        try:
            await self.workspace.until(
                lambda: [message.shown for message in self.answers(question)] == list(shown)
            )
        except TimeoutError:
            now = [message.shown for message in self.answers(question)]
            raise AssertionError(f"expected {shown}, there is {now}") from None
        return self.answers(question)

    async def finished(self, question: PostedMessage) -> PostedMessage:
        """The bot's last message in the question's thread, once it has come to its end."""
        await self.workspace.until(
            lambda: self.answers(question) and "again" in buttons(self.answers(question)[-1])
        )
        return self.answers(question)[-1]

    async def ask(
        self,
        text: str,
        *files: Mapping[str, Any],
        thread: str | None = None,
        patience: float = 30.0,
    ) -> tuple[PostedMessage, str]:
        """Ana asks the bot something and encloses files, as `Workspace.share` gives them. The
        question, and the whole answer.
        """
        question = await self.workspace.say(
            self.ana, self.general, f"{self.bot.mention} {text}", files=files, thread=thread
        )
        await self.workspace.until(
            lambda: any(answer.ts > question.ts for answer in self.answers(question)), patience
        )
        return question, (await self.finished(question)).shown

    async def press(
        self, person: Person, question: PostedMessage, button: str, value: str = ""
    ) -> PostedMessage:
        """Somebody presses a button under the bot's last message in the question's thread, as soon
        as it is there; gives the message.
        """
        await self.workspace.until(
            lambda: self.answers(question) and button in buttons(self.answers(question)[-1])
        )
        message = self.answers(question)[-1]
        await self.workspace.click(person, message, f"{PREFIX}{button}", value)
        return message

    async def stop(self, person: Person, question: PostedMessage) -> None:
        """Somebody stops the answer as soon as it can be stopped: with the button under it, or with
        Slack's own, where it grows as a stream.
        """
        await self.workspace.until(lambda: self.can_stop(question))
        message = self.answers(question)[-1]
        if "stop" in buttons(message):
            await self.workspace.click(person, message, f"{PREFIX}stop")
        else:
            channel = self.workspace.channels[question.channel]
            await self.workspace.stop(person, channel, question.thread_ts or question.ts)

    async def slacks_stop(self, person: Person, question: PostedMessage) -> None:
        """Somebody presses Slack's own stop button in the question's thread, at any time: nothing
        keeps Slack from showing it before the bot asks for it.
        """
        thread = question.thread_ts or question.ts
        self.workspace.sessions[question.channel, thread] = "processing"
        await self.workspace.stop(person, self.workspace.channels[question.channel], thread)

    def uses_tools(self, question: PostedMessage, *names: str) -> bool:
        """Whether people see that these tools are in use: in a line of the answer, or as a task."""
        answers = self.answers(question)
        if not answers:
            return False
        line = answers[-1].shown.rpartition("🔧 _")[2]
        running = [title for title, state in answers[-1].tasks.values() if state == "in_progress"]
        return all(name in f"{line} {running}" for name in names)

    def can_stop(self, question: PostedMessage) -> bool:
        """Whether people see a button that stops the answer."""
        place = (question.channel, question.thread_ts or question.ts)
        of_slack = self.workspace.sessions.get(place) == "processing"
        answers = self.answers(question)
        return bool(answers) and (of_slack or "stop" in buttons(answers[-1]))

    async def all_received(self) -> None:
        """Until the bot has begun to take in all that was delivered: it is told something more that
        costs it nothing.
        """
        where = {"channel": self.general.id, "channel_type": "channel", "ts": "1.1"}
        await self.workspace.deliver({"type": "message", "subtype": "channel_join", **where})

    async def settled(self) -> None:
        """Until no call to Slack is held any more, and the bot has nothing left to do."""
        await self.workspace.until(lambda: not self.workspace.held_calls)
        await self.all_acknowledged()
        await self.service.bot.idle()

    async def all_acknowledged(self) -> None:
        """Until the bot has acknowledged all that the workspace told it."""
        deliveries = self.workspace.deliveries
        await self.workspace.until(lambda: all(each.acknowledged for each in deliveries))

    async def verify_dialog(
        self, dialog: Sequence[tuple[str, str]], channel: Channel | None = None
    ) -> PostedMessage:
        """Plays a dialog in one thread: each thing said is answered by what the model says."""
        root: PostedMessage | None = None
        for said, answer in dialog:
            self.model.enqueue(answer)
            message = await self.workspace.say(
                self.ana, channel or self.general, said, thread=root.ts if root else None
            )
            root = root or message
            so_far = [shown for _, shown in dialog[: dialog.index((said, answer)) + 1]]
            await self.answered(root, *so_far)
            await self.service.bot.idle()
        assert root is not None
        return root

    def history(self, request: int = -1) -> list[tuple[str, str, str]]:
        """(role, name, content) of a request's messages after the developer message."""
        messages = self.model.requests[request]["messages"]
        return [(m["role"], m.get("name", ""), m["content"]) for m in messages[1:]]


def buttons(message: PostedMessage) -> dict[str, str]:
    """The buttons under a message in their order: each one's name ("stop"), and its value."""
    return {
        element["action_id"].removeprefix(PREFIX): element.get("value", "")
        for _, element in elements(message.blocks)
    }
