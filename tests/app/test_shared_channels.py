"""Channels that several workspaces with the app share, over the real wire."""

from collections.abc import Sequence

import pytest

from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import buttons
from tests.many_workspaces import ManyWorkspaces, Team
from tests.replicas import replica_tasks


def share(stage: ManyWorkspaces, *teams: Team) -> Channel:
    """A channel of the first one, with the bots and the people of all. The last one has joined
    last, so that Slack names it in each event.
    """
    host, *guests = (each.workspace for each in teams)
    channel = host.add_channel("shared")
    stage.platform.share(channel, host, *guests)
    channel.members |= {host.bot.id, *(each.person.id for each in teams)}
    return channel


def answers(asker: Team, channel: Channel, question: PostedMessage) -> Sequence[PostedMessage]:
    """All whole answers in a thread, whichever bot they are from."""
    thread = asker.workspace.thread(channel, question.ts)
    return [each for each in thread if "again" in buttons(each)]


@pytest.mark.parametrize("mentioned", range(3))
@pytest.mark.parametrize("asking", range(3))
async def test_the_mentioned_bot_answers(
    stage: ManyWorkspaces, asking: int, mentioned: int
) -> None:
    """That bot alone, once, whichever workspace the person is from and whichever Slack names; also
    later questions in the thread, and when the button under its answer is pressed.
    """
    teams = [stage.add(name) for name in ("A", "B", "C")]
    asker, bot = teams[asking], teams[mentioned].workspace.bot
    async with replica_tasks(1, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, *teams)
        channel = share(stage, *teams)
        slack, person = asker.workspace, asker.person
        question = await slack.say(person, channel, f"{bot.mention} hello")
        await stage.platform.until(lambda: answers(asker, channel, question))
        await slack.say(person, channel, "and now?", thread=question.ts)
        await stage.platform.until(lambda: len(answers(asker, channel, question)) > 1)
        await slack.click(person, answers(asker, channel, question)[-1], "slackbot_again")
        await stage.platform.until(
            lambda: len(stage.model.requests) > 2 and len(answers(asker, channel, question)) > 1
        )
        await replicas[0].service.bot.idle()
        found = answers(asker, channel, question)
        assert [each.author for each in found] == [bot, bot]
        assert len(stage.model.requests) == 3
