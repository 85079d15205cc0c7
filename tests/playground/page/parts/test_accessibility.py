"""axe checks the page: https://github.com/dequelabs/axe-core"""

import pytest
from playwright.async_api import expect

from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.parts.test_modal import modal
from tests.playground.page.visitor import Visitor

ANSWER = "# Title\n\nText with `code`, [a link](https://example.org/).\n\n```\nx = 1\n```\n\n> said"


@pytest.mark.parametrize("width", [1280, 800, 390])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
async def test_nothing_stands_in_the_way(
    visitor: Visitor, model: ModelServer, width: int, theme: str
) -> None:
    """Axe finds no problem in any part of the page, in light or dark colours."""
    page = visitor.page
    await page.set_viewport_size({"width": width, "height": 800})
    if theme == "Dark":
        await page.get_by_role("button", name="Dark colours").click()
    model.enqueue(ANSWER)
    await visitor.ask("show")
    await visitor.finished()
    found = await visitor.barriers()
    await page.get_by_role("button", name="Inspector").click()
    for tab in ("Answer", "Calls and events", "Budget", "Network", "Bot's log"):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.get_by_role("tabpanel", name=tab)).to_be_visible()
        found += await visitor.barriers()
    await page.get_by_role("button", name="Close the inspector").click()
    await page.get_by_role("button", name="Close the thread").click()
    await visitor.go("assistant")
    await page.get_by_role("tab", name="Home").click()
    found += await visitor.barriers()
    ana = next(each for each in visitor.workspace.people.values() if each.name == "ana")
    visitor.workspace.views.open(ana.id, modal())
    visitor.workspace.changes.notify()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found += await visitor.barriers()
    overflowing = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not overflowing
    assert not found, "\n".join(found)
