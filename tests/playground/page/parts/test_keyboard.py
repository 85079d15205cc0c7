"""Everything works without a mouse."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import Fault
from tests.playground.page.visitor import Visitor


async def test_a_conversation_by_keyboard(visitor: Visitor, model: ModelServer) -> None:
    """Keys alone lead from the page's start to an answer, its buttons and back."""
    press = visitor.page.keyboard.press
    focused = visitor.page.locator(":focus")
    await press("Tab")
    await expect(focused).to_have_text("Skip to the conversation")
    for _ in range(30):
        if await focused.get_attribute("aria-label") == "Message #general":
            break
        await press("Tab")
    await expect(focused).to_have_attribute("aria-label", "Message #general")
    model.enqueue(says("one two three").held(after=1), "four")
    await visitor.page.keyboard.type("@assis")
    await press("Enter")
    await visitor.page.keyboard.type("count")
    await press("Enter")
    await visitor.sees(visitor.answer, "one")
    await expect(visitor.page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    await visitor.answer.focus()
    while await focused.text_content() != "Stop":
        await press("Tab")
    await press("Enter")
    await visitor.finished()
    await visitor.answer.focus()
    await press("ArrowUp")
    await expect(visitor.thread.first).to_be_focused()
    await press("Escape")
    await expect(visitor.page.get_by_role("region", name="Thread", exact=True)).to_be_hidden()
    await expect(visitor.middle.first).to_be_focused()


async def test_one_stop_for_many_messages(visitor: Visitor) -> None:
    """Tab leads to the newest or last focused message; arrows lead to the others."""
    press = visitor.page.keyboard.press
    ben = next(each for each in visitor.workspace.people.values() if each.name == "ben")
    general = next(each for each in visitor.workspace.channels.values() if each.name == "general")
    for number in range(9):
        await visitor.workspace.say(ben, general, f"see <https://example.org/{number}>")
    await expect(visitor.middle).to_have_count(9)
    box = visitor.page.get_by_role("textbox", name="Message #general")
    await box.focus()
    await press("Shift+Tab")
    await expect(visitor.middle.last.get_by_role("link")).to_be_focused()
    await press("Shift+Tab")
    await expect(visitor.middle.last).to_be_focused()
    await press("ArrowUp")
    await press("ArrowUp")
    await expect(visitor.middle.nth(6)).to_be_focused()
    await press("Shift+Tab")
    await expect(visitor.page.locator("#sidebar :focus")).to_be_visible()
    await press("Tab")
    await expect(visitor.middle.nth(6)).to_be_focused()


async def test_the_focus_stays_while_an_answer_grows(visitor: Visitor, model: ModelServer) -> None:
    """An edit of a message does not take the focus from a button in it."""
    visitor.workspace.faults.add("chat.startStream", Fault.error("unknown_method"), times=9)
    model.enqueue(says("one two three").held(after=1))
    await visitor.ask("count")
    stop = visitor.answer.get_by_role("button", name="Stop")
    await stop.focus()
    seen = len(visitor.answers[0].versions)
    model.release()
    await visitor.until(lambda: len(visitor.answers[0].versions) > seen)
    await visitor.finished()
    focused = await visitor.page.evaluate("document.activeElement.closest('.message') !== null")
    assert focused


async def test_the_inspectors_tabs(visitor: Visitor) -> None:
    """Arrows move between the tabs, Escape closes the drawer."""
    await visitor.page.get_by_role("button", name="Inspector").press("Enter")
    tabs = visitor.page.get_by_role("tablist", name="Inspector")
    await tabs.get_by_role("tab", name="Answer").focus()
    await visitor.page.keyboard.press("ArrowRight")
    await expect(tabs.get_by_role("tab", name="Calls and events")).to_be_focused()
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.page.get_by_role("region", name="Inspector")).to_be_hidden()


async def test_the_screen_reader_hears_an_answer(visitor: Visitor, model: ModelServer) -> None:
    """A finished answer is announced once, as a whole."""
    model.enqueue("All is well.")
    await visitor.ask("how is it?")
    await expect(visitor.page.locator("#announcer")).to_have_text(
        "assistant: All is well.", timeout=15_000
    )


async def test_ephemeral_messages_are_announced(visitor: Visitor) -> None:
    """Ephemeral messages are announced, too."""
    await visitor.say("/instructions show")
    await expect(visitor.page.locator("#announcer")).to_contain_text(
        "assistant: Instructions for this channel"
    )


async def test_the_screen_reader_hears_no_old_news(visitor: Visitor) -> None:
    """A screen reader announces only messages that arrive after the channel is opened."""
    workspace = visitor.workspace
    ben = next(each for each in workspace.people.values() if each.name == "ben")
    place = next(each for each in workspace.channels.values() if each.name == "engineering")
    await workspace.say(ben, place, "long ago")
    await visitor.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(minutes=1))
    await visitor.page.evaluate(
        """() => {
            window.announced = [];
            const place = document.getElementById("announcer");
            const listener = new MutationObserver(() => announced.push(place.textContent));
            listener.observe(place, { childList: true });
        }"""
    )
    await visitor.go("engineering")
    await visitor.sees(visitor.middle.last, "long ago")
    await workspace.say(ben, place, "just now")
    await expect(visitor.page.locator("#announcer")).to_have_text("ben: just now")
    assert await visitor.page.evaluate("announced") == ["ben: just now"]
