import re

from playwright.async_api import expect

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.visitor import Visitor


async def test_what_the_model_was_told(visitor: Visitor, model: ModelServer) -> None:
    """For an answer, the inspector shows messages, parameters, tokens, chunks and edits."""
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
    """Every call and event is listed, can be searched, and opens to its JSON."""
    model.enqueue("Hello.")
    await visitor.ask("hello?")
    await visitor.finished()
    await visitor.page.get_by_role("button", name="Inspector").click()
    await visitor.page.get_by_role("tab", name="Calls and events").click()
    entries = visitor.page.locator(".entry")
    await expect(entries.filter(has_text="app_mention")).to_have_count(1)
    await visitor.page.get_by_role("searchbox").fill("authtest")
    await expect(entries).to_have_count(0)
    await visitor.page.get_by_role("searchbox").fill("AUTH.TEST")
    await entries.first.click()
    await expect(entries.first.locator(".json")).to_contain_text('"user_id"')
    await visitor.page.get_by_role("tab", name="Budget").click()
    row = visitor.page.get_by_role("row", name=re.compile(r"chat\.(postMessage|startStream)"))
    await expect(row).to_contain_text("1 / ")
