"""The composer, in a real browser."""

from playwright.async_api import FilePayload, expect

from tests.playground.page.visitor import Visitor


async def test_the_arrow_up_edits(visitor: Visitor) -> None:
    """Arrow up in an empty composer edits the last message; Escape cancels."""
    await visitor.say("to be or not to be")
    await visitor.sees(visitor.middle.last, "to be")
    await visitor.page.get_by_role("textbox", name="Message #general").press("ArrowUp")
    box = visitor.page.get_by_role("textbox", name="Edit the message")
    await expect(box).to_be_focused()
    await box.press("Escape")
    await expect(box).to_have_count(0)
    await visitor.sees(visitor.middle.last, "to be or not to be")


async def test_sharing_files(visitor: Visitor) -> None:
    """An image is shown; another file can be downloaded unchanged."""
    picture = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\n"
        b"IDATx\x9cc\0\1\0\0\5\0\1\r\n-\xb4\0\0\0\0IEND\xaeB`\x82"
    )
    chooser = visitor.page.locator("#middle input[type=file]")
    await chooser.set_input_files(
        [
            FilePayload(name="dot.png", mimeType="image/png", buffer=picture),
            FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"remember the milk"),
        ]
    )
    await visitor.say("see here")
    shown = visitor.middle.last
    await expect(shown.get_by_role("img", name="dot.png")).to_be_visible()
    async with visitor.page.expect_download() as download:
        await shown.get_by_role("link", name="notes.txt").click()
    assert (await (await download.value).path()).read_bytes() == b"remember the milk"
    (message,) = visitor.workspace.messages.values()
    assert [file["mimetype"] for file in message.files] == ["image/png", "text/plain"]


async def test_a_file_that_is_refused(visitor: Visitor) -> None:
    """Nothing is said then, and the text and the other file wait in the composer, also for one who
    looks elsewhere meanwhile.
    """
    chooser = visitor.page.locator("#middle input[type=file]")
    await chooser.set_input_files(
        [
            FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"remember the milk"),
            FilePayload(name="empty.txt", mimeType="text/plain", buffer=b""),
        ]
    )
    await visitor.say("see here")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("The file is empty.")
    await visitor.go("engineering")
    await expect(visitor.page.get_by_role("textbox", name="Message #engineering")).to_be_visible()
    await visitor.go("general")
    box = visitor.page.get_by_role("textbox", name="Message #general")
    await expect(box).to_have_value("see here")
    await visitor.page.get_by_role("button", name="Remove empty.txt").click()
    await box.press("Enter")
    await expect(visitor.middle.last.get_by_role("link", name="notes.txt")).to_be_visible()
    (message,) = visitor.workspace.messages.values()
    assert message.text == "see here"
    visitor.errors.clear()  # the browser logs the refusal


async def test_lines(visitor: Visitor) -> None:
    """Shift+Enter breaks the line, Enter sends."""
    box = visitor.page.get_by_role("textbox", name="Message #general")
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    await box.press("Enter")
    await visitor.sees(visitor.middle.last, "two")
    (message,) = visitor.workspace.messages.values()
    assert message.text == "one\ntwo"
