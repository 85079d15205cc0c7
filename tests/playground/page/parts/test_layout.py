"""Where the parts of the page stand, in a real browser."""

from playwright.async_api import FilePayload, Locator, expect

from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.visitor import Visitor

PHONE_WIDTH = 390
LONG_NAME = f"{'canary' * 20}.eml"


async def test_a_narrow_window(visitor: Visitor, model: ModelServer) -> None:
    """On a phone, the conversation has the whole width, and nothing sticks out of it."""
    page = visitor.page
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    mail = FilePayload(name=LONG_NAME, mimeType="message/rfc822", buffer=b"Subject: Hi\n\nHi")
    await page.locator("#middle input[type=file]").set_input_files([mail])
    model.enqueue("Yes.")
    await visitor.ask("can you read it?")
    await visitor.finished()
    assert await sides(page.get_by_role("region", name="Thread", exact=True)) == (0, PHONE_WIDTH)
    await page.get_by_role("button", name="Close the thread").click()
    middle = page.get_by_role("region", name="Conversation")
    assert await sides(middle) == (0, PHONE_WIDTH)
    for part in (
        middle.get_by_role("link", name=LONG_NAME),
        page.get_by_label("You are"),
        page.get_by_role("button", name="Inspector"),
    ):
        left, right = await sides(part)
        assert 0 <= left < right <= PHONE_WIDTH
    await visitor.go("assistant")
    await expect(page.get_by_role("textbox", name="Message assistant")).to_be_visible()


async def sides(part: Locator) -> tuple[float, float]:
    """Where a part begins and ends, in pixels from the left."""
    box = await part.bounding_box()
    assert box is not None
    return box["x"], box["x"] + box["width"]
