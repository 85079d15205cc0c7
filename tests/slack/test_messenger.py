"""The bot's messages in Slack, found again among those of others."""

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.messages import state
from slackbot.slack.messenger import REPLY
from tests.harness import Stage


async def test_forged_metadata(stage: Stage) -> None:
    """A message of another bot that claims to be part of a reply is not taken for one."""
    async with stage.playing(grace=0.0):
        stage.model.enqueue(says("one two").held(after=1), "one two")
        question = await stage.mention("count")
        (answer,) = await stage.answered(question, "one")
    parrot = stage.workspace.add_person("parrot", bot=True)
    for number in (0, 1):
        payload = {"key": question.ts, "number": number}
        stage.workspace.post(
            parrot,
            stage.general,
            state("squawk"),
            thread_ts=question.ts,
            metadata={"event_type": REPLY, "event_payload": payload},
        )
    async with stage.playing():
        assert await stage.answered(question, "one two") == [answer]
        await stage.service.bot.idle()
    edited = {call.args["ts"] for call in stage.workspace.calls if call.method == "chat.update"}
    assert edited == {answer.ts}
    assert not [call for call in stage.workspace.calls if call.error]


async def test_a_thread_that_is_deleted_before_its_first_reply(stage: Stage) -> None:
    """Slack would write to the channel then: nothing is left there, and the bot goes on."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=0))
        question = await stage.mention("count")
        await stage.model.until(lambda: stage.model.open_streams == 1)
        question.deleted = True  # and nobody has told the bot
        stage.model.release()
        await stage.service.bot.idle()
        posted = [each for each in stage.workspace.messages.values() if each.author == stage.bot]
        assert [each.deleted for each in posted] == [True]
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
