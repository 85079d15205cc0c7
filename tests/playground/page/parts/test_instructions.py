"""The bot's own form for its instructions, and its Home tab, through the page."""

from playwright.async_api import expect

from slackbot.config import DEFAULT_INSTRUCTIONS
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.visitor import Visitor

INSTRUCTIONS = "Instructions"


async def test_an_owner_changes_them_in_the_form(visitor: Visitor, model: ModelServer) -> None:
    """Instructions can be tried before they are saved, and apply from the next answer on."""
    await visitor.say("/instructions")
    dialog = visitor.page.get_by_role("dialog", name="Instructions")
    text = dialog.get_by_role("textbox", name=INSTRUCTIONS)
    await expect(text).to_have_value(DEFAULT_INSTRUCTIONS)
    await text.fill("Answer in rhyme.")
    await dialog.get_by_role("textbox", name="Try it before you save").fill("Will you?")
    model.enqueue("I do, like you.")
    await dialog.get_by_role("button", name="Try it").click()
    await expect(dialog).to_contain_text("I do, like you.", timeout=15_000)
    await expect(text).to_have_value("Answer in rhyme.")
    await dialog.get_by_role("button", name="Save").click()
    await visitor.sees(visitor.page.get_by_role("dialog", name="Saved"), "Answer in rhyme.")
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    model.enqueue("So I shall.")
    await visitor.ask("And now?")
    await visitor.sees(visitor.answer, "So I shall.")
    assert "Answer in rhyme." in model.requests[-1]["messages"][0]["content"]


async def test_a_guest_gets_no_form(visitor: Visitor) -> None:
    """A guest sees the instructions in an ephemeral message, and gets no form."""
    await visitor.be("Gus Moreau")
    await visitor.say("/instructions")
    await visitor.sees(visitor.middle.last, "Only visible to you")
    await expect(visitor.page.get_by_role("dialog")).to_have_count(0)


async def test_the_home_tab_opens_the_form(visitor: Visitor) -> None:
    """An owner edits from the Home tab, which shows the change; a model can be looked up there."""
    await visitor.go("assistant")
    await visitor.page.get_by_role("tab", name="Home").click()
    home = visitor.page.get_by_role("region", name="Home")
    await home.get_by_role("button", name="Edit", exact=True).click(timeout=15_000)
    dialog = visitor.page.get_by_role("dialog", name="Instructions")
    await dialog.get_by_role("combobox", name="Model").click()
    await expect(dialog.get_by_role("option").first).to_contain_text("Default", timeout=10_000)
    await visitor.page.keyboard.press("Escape")
    await dialog.get_by_role("textbox", name=INSTRUCTIONS).fill("Be brief.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(home).to_contain_text("Be brief.", timeout=15_000)
