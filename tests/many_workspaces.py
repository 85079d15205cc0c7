"""A stage for a bot that serves many workspaces: one Slack, one model, and any number of replicas.

Each workspace has a person and a channel.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Channel, Organisation, Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.oauth.flow import INSTALL_PATH
from tests.config import ENCRYPTION_KEY
from tests.harness import Request, buttons
from tests.replicas import over_http
from tests.slack.oauth.install_site import Browser


def ahoy(_: Request) -> Script:
    """A model that says the same to everybody, at once."""
    return says("Ahoy").paced(0.0)


@dataclass(frozen=True)
class Team:
    workspace: Workspace
    person: Person
    channel: Channel

    async def ask(self, text: str) -> PostedMessage:
        said = f"{self.workspace.bot.mention} {text}"
        return await self.workspace.say(self.person, self.channel, said)

    def bot_messages(self) -> Sequence[PostedMessage]:
        """All that the bot has written in the channel."""
        return [
            each for each in self.workspace.messages.values() if each.author == self.workspace.bot
        ]

    def answer(self, question: PostedMessage) -> str | None:
        """The text of a whole answer; None if there is none."""
        for message in self.workspace.thread(self.channel, question.ts):
            if message.author == self.workspace.bot and "again" in buttons(message):
                return message.text
        return None

    async def answered(self, question: PostedMessage, seconds: float = 20.0) -> str:
        await self.workspace.until(lambda: self.answer(question) is not None, seconds)
        return self.answer(question) or ""


@dataclass(frozen=True)
class ManyWorkspaces:
    platform: SlackPlatform
    model: ModelServer
    environment: Mapping[str, str]

    def add(self, name: str) -> Team:
        workspace = self.platform.add_workspace(name)
        person = workspace.add_person(f"Ana of {name}")
        return Team(workspace, person, workspace.add_channel("general", members=[person]))

    async def install(self, port: int | None, *places: Team | Organisation) -> None:
        """Somebody of each opens the page of a replica, agrees at Slack, and comes back."""
        assert port is not None
        async with aiohttp.ClientSession() as session:
            for place in places:
                where = place.workspace if isinstance(place, Team) else place
                browser = Browser(port, session)
                page = await browser.get(INSTALL_PATH)
                approval = self.platform.open(page.button, where)
                query = dict(parse_qsl(urlsplit(approval.redirect_url).query))
                page = await browser.come_back(**query)
                assert page.title == "Thank you!", page.text


@asynccontextmanager
async def many_workspaces(
    database_url: str, answer: Callable[[Request], Script] = ahoy
) -> AsyncIterator[ManyWorkspaces]:
    async with SlackPlatform() as platform, ModelServer(answer=answer) as model:
        environment = {
            "SLACK_CLIENT_ID": platform.app.client_id,
            "SLACK_CLIENT_SECRET": platform.app.client_secret,
            "SLACKBOT_ENCRYPTION_KEY": ENCRYPTION_KEY,
            "SLACK_API_URL": platform.url,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": model.url,
            "OPENAI_MODEL": "stand-in",
            "DATABASE_URL": database_url,
        }
        yield ManyWorkspaces(platform, model, over_http(environment, platform))
