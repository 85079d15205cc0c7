"""Questions that people ask, and their answers."""

from benchmarks.environment import answers
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace


async def ask(workspace: Workspace) -> PostedMessage:
    """Somebody asks in a channel of their own."""
    person = workspace.add_person("Ana")
    channel = workspace.add_channel("general", members=[person])
    return await workspace.say(person, channel, f"{workspace.bot.mention} question")


async def answer(workspace: Workspace, count: int) -> None:
    """So many questions are asked, each when the one before is answered."""
    for _ in range(count):
        question = await ask(workspace)
        await workspace.until(
            lambda question=question: shown(workspace, question).endswith("end.")  # type: ignore[misc]
        )


def shown(workspace: Workspace, question: PostedMessage) -> str:
    return "".join(each.shown for each in answers(workspace, question))


def short_answers() -> ModelServer:
    return ModelServer(answer=lambda _: says("word " * 40 + "end.").paced(0.0))
