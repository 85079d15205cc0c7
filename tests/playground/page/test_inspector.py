"""The inspector: what lies behind an answer, with and without a browser."""

import aiohttp
from playwright.async_api import expect

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.page.inspector import Inspector
from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import Playground
from tests.playground.page.visitor import Visitor


async def test_what_the_model_was_told(visitor: Visitor, model: ModelServer) -> None:
    """For a chosen answer: messages with role and name, parameters, tokens, chunks and edits."""
    model.enqueue(says("Paris, of course.").counted(41, 3))
    await visitor.ask("capital of France?")
    await visitor.finished()
    await visitor.answer.hover()
    await visitor.answer.get_by_role("button", name="Inspect this answer").click()
    panel = visitor.page.get_by_role("tabpanel", name="Answer")
    sent = panel.locator(".sent-message")
    await expect(sent.first).to_contain_text("developer")
    await expect(sent.first).to_contain_text("You are a helpful assistant")
    await expect(sent.nth(1)).to_contain_text("user")
    await expect(sent.nth(1)).to_contain_text("ana")
    await expect(sent.nth(1)).to_contain_text("capital of France?")
    await expect(panel.locator(".figures")).to_contain_text("tokens in41")
    await expect(panel.locator(".figures")).to_contain_text("tokens out3")
    await expect(panel.locator(".figures")).to_contain_text("from the cache0")
    await expect(panel.get_by_role("img", name="3 chunks from the model")).to_be_visible()
    await expect(panel.locator(".json").last).to_contain_text('"stream": true')


async def test_calls_and_events(visitor: Visitor, model: ModelServer) -> None:
    """Every call and event is in a list, can be looked for, and opened to see its JSON."""
    model.enqueue("Hello.")
    await visitor.ask("hello?")
    await visitor.finished()
    await visitor.page.get_by_role("button", name="Inspector").click()
    await visitor.page.get_by_role("tab", name="Calls and events").click()
    entries = visitor.page.locator(".entry")
    await expect(entries.filter(has_text="app_mention")).to_have_count(1)
    await visitor.page.get_by_role("searchbox").fill("postmessage")
    await expect(entries).to_have_count(1)
    await entries.first.click()
    await expect(entries.first.locator(".json")).to_contain_text('"markdown"')
    await visitor.page.get_by_role("tab", name="Budget").click()
    row = visitor.page.get_by_role("row", name="chat.postMessage")
    await expect(row).to_contain_text("1 / 300")


async def test_each_answer_has_its_own_requests(playground: Playground, model: ModelServer) -> None:
    """Answers that were written side by side are not mixed up."""
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


async def test_what_there_is_not(server: PageServer, session: aiohttp.ClientSession) -> None:
    """An answer or entry that does not exist is 404."""
    for path in ("inspect/answer/C1/1.0", "inspect/call/999", "inspect/delivery/999", "file/F0"):
        async with session.get(server.url + path) as answer:
            assert answer.status == 404
