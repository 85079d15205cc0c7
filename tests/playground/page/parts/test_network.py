"""Injected failures: what the page shows while Slack, the model and the bot fail."""

import re

import pytest
from playwright.async_api import expect

from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.visitor import Visitor


async def open_network(visitor: Visitor) -> None:
    await visitor.page.get_by_role("button", name="Inspector").click()
    await visitor.page.get_by_role("tab", name="Network").click()


async def test_trying_again(visitor: Visitor, model: ModelServer) -> None:
    """A failed answer says so, and Try again replaces it in the same message."""
    model.enqueue(fails(401, "Incorrect API key provided.", code="invalid_api_key"))
    await visitor.ask("hello?")
    again = visitor.answer.get_by_role("button", name="Try again")
    await expect(again).to_be_visible(timeout=15_000)
    model.enqueue("Hello.")
    await again.click()
    await visitor.sees(visitor.answer, "Hello.")
    await visitor.finished()
    assert len(visitor.answers) == 1


@pytest.mark.parametrize("fault", ["429, try in 5 s", "500", "Lost answer"])
async def test_slack_fails(visitor: Visitor, model: ModelServer, fault: str) -> None:
    """The answer arrives once and whole, even if one of the bot's writes fails."""
    await open_network(visitor)
    await visitor.page.get_by_role("button", name=fault, exact=True).click()
    await expect(visitor.page.get_by_text("1 still to come.")).to_be_visible()
    model.enqueue("one two three")
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one two three")
    await visitor.finished()
    assert len(visitor.answers) == 1
    await expect(visitor.page.get_by_text("No failure is planned.")).to_be_visible()


async def test_a_lost_connection(visitor: Visitor, model: ModelServer) -> None:
    """The bot reconnects, and answers what was said meanwhile."""
    await open_network(visitor)
    await visitor.page.get_by_role("button", name="Drop its connection").click()
    model.enqueue("Still here.")
    await visitor.ask("are you there?")
    await visitor.sees(visitor.answer, "Still here.")


async def test_crash_and_recovery(visitor: Visitor, model: ModelServer) -> None:
    """A bot killed during an answer finishes it after its next start, in the same message."""
    model.enqueue(says("one two three").held(after=1), "one two three four")
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    killed = visitor.playground.bot.pid
    await open_network(visitor)
    await visitor.page.get_by_role("button", name="Crash", exact=True).click()
    await expect(visitor.page.get_by_text("@assistant is down")).to_be_visible()
    await visitor.reply("are you well?")
    await visitor.page.get_by_role("button", name="Start", exact=True).click()
    await expect(visitor.page.get_by_text("@assistant is running")).to_be_visible(timeout=20_000)
    await visitor.sees(visitor.thread.nth(1), "one two three four")
    assert visitor.playground.bot.pid != killed
    first = visitor.answers[0]
    assert [each.shown.count("one") for each in visitor.answers if each is first] == [1]
    await visitor.page.get_by_role("tab", name="Bot's log").click()
    await expect(visitor.page.locator("#panel")).to_contain_text("(killed by SIGKILL)")


async def test_speed_and_limits(visitor: Visitor) -> None:
    """The sliders set Slack's latency and its rate limits."""
    await open_network(visitor)
    latency = visitor.page.get_by_role("slider", name="Slack's latency")
    await latency.press("Home")
    await visitor.until(lambda: visitor.workspace.latency == 0)
    limits = visitor.page.get_by_role("slider", name="Slack's rate limits")
    await limits.press("End")
    await visitor.until(lambda: visitor.workspace.limits and visitor.workspace.limits.update == 5)
    await limits.press("Home")
    await visitor.until(lambda: visitor.workspace.limits is None)


async def test_commands_while_the_bot_is_down(visitor: Visitor) -> None:
    """A command that the app does not get fails with a message."""
    await open_network(visitor)
    await visitor.page.get_by_role("button", name="Crash", exact=True).click()
    await expect(visitor.page.get_by_text("@assistant is down")).to_be_visible()
    await visitor.say("/instructions show")
    await visitor.sees(visitor.middle.last, "failed because the app did not respond")


async def test_a_form_while_the_bot_is_down(visitor: Visitor) -> None:
    """A form that the app does not get shows an error, and keeps its values."""
    await visitor.say("/instructions")
    dialog = visitor.page.get_by_role("dialog", name="Instructions")
    text = dialog.get_by_role("textbox", name="Instructions")
    await text.fill("Be kind.")
    await visitor.playground.bot.kill()
    await dialog.get_by_role("button", name="Save").click()
    refusal = dialog.get_by_role("alert").get_by_text("The app did not respond.")
    await refusal.click(trial=True)  # nothing covers it
    await expect(text).to_have_value("Be kind.")
    visitor.errors.clear()  # the browser logs the refusal


async def test_the_end_of_the_playground(visitor: Visitor) -> None:
    """When the server is gone the page says so, and keeps the typed text."""
    server_gone = visitor.page.route(re.compile("/act/"), lambda route: route.abort())
    await server_gone
    await visitor.say("hello?")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("does not answer")
    box = visitor.page.get_by_role("textbox", name="Message #general")
    await expect(box).to_have_value("hello?")
    visitor.errors.clear()  # the browser logs the aborted request
