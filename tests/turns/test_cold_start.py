"""What people do while a model starts, which takes minutes, does not make it start again."""

from slackbot.playground.fake_openai.script import says
from tests.harness import BotHarness


async def test_an_edit_while_the_model_starts(harness: BotHarness) -> None:
    """The edited question is asked instead, at once, and answered once."""
    harness.model.enqueue(says("old").loading(), says("new").loading())
    async with harness.running():
        question = await harness.mention("cuont")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} count")
        await harness.model.until(lambda: len(harness.model.streams) == 2)
        await harness.model.until(lambda: harness.model.streams[0].cancelled)
        harness.model.release()
        await harness.answered(question, "new")
    assert len(harness.model.requests) == 2


async def test_a_restart_while_the_model_starts(harness: BotHarness) -> None:
    """The next process asks again, and the question has one answer."""
    harness.model.enqueue(says("one").loading(), says("one").loading())
    async with harness.running(grace=0.0):
        question = await harness.mention("count")
        await harness.model.until(lambda: harness.model.open_streams == 1)
    async with harness.running():
        await harness.model.until(lambda: len(harness.model.streams) == 2)
        harness.model.release()
        await harness.answered(question, "one")


async def test_many_who_wait_for_a_model(harness: BotHarness) -> None:
    """Each question is asked once, also of those who wait in line meanwhile, and answered."""
    harness.model.answer = lambda _: says("one").loading()
    async with harness.running({"SLACKBOT_MAX_REPLIES": "4"}):
        questions = [
            await harness.workspace.say(person, harness.general, f"{harness.bot.mention} {number}")
            for number in range(5)
            for person in (harness.ana, harness.ben)
        ]
        # One channel gets three quarters of the replies that are written at once.
        await harness.model.until(lambda: harness.model.open_streams == 3)
        harness.model.answer = lambda _: says("one")
        harness.model.release()
        for question in questions:
            await harness.answered(question, "one")
    assert len(harness.model.requests) == len(questions)
