"""The inspector without a browser."""

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.page.inspector import Inspector
from slackbot.playground.playground import Playground


async def test_each_answer_has_its_own_requests(playground: Playground, model: ModelServer) -> None:
    """Answers that were written at the same time are not mixed up."""
    workspace = playground.workspace
    ana = next(each for each in workspace.people.values() if each.name == "ana")
    general = next(iter(workspace.channels.values()))
    model.answer = lambda body: f"You said {body['messages'][-1]['content']}"
    for word in ("red", "green", "blue"):
        await workspace.say(ana, general, f"{workspace.bot.mention} {word}")
    await workspace.until(
        lambda: sum("You said" in each.shown for each in workspace.messages.values()) == 3, 20
    )
    inspection = Inspector(playground)
    for message in workspace.messages.values():
        if message.bot_id:
            (request,) = inspection.answer(message)["requests"]
            assert request["text"] == message.shown
