"""Voice clips in the composer, in a real browser."""

from playwright.async_api import expect

from tests.playground.page.visitor import Visitor


async def test_voice_clips(visitor: Visitor) -> None:
    """A recording in the composer is shared as a clip that can be played."""
    composer = visitor.page.locator("#middle .composer")
    await composer.get_by_role("button", name="Record a voice clip").click()
    await composer.get_by_role("button", name="Stop recording").click()
    await expect(composer.get_by_text("audio_message")).to_be_visible()
    await composer.get_by_role("button", name="Send").click()
    await expect(visitor.middle.last.locator("audio")).to_be_visible()
    (message,) = visitor.workspace.messages.values()
    (file,) = message.files
    assert file["subtype"] == "slack_audio"
    assert file["mimetype"].startswith("audio/")


async def test_a_voice_clip_that_one_walks_away_from(visitor: Visitor) -> None:
    """Leaving the channel ends a recording, which waits in the composer."""
    await visitor.page.evaluate(
        """() => {
            const devices = navigator.mediaDevices;
            const listen = devices.getUserMedia.bind(devices);
            devices.getUserMedia = async (what) => (window.sound = await listen(what));
        }"""
    )
    composer = visitor.page.locator("#middle .composer")
    await composer.get_by_role("button", name="Record a voice clip").click()
    await expect(composer.get_by_role("button", name="Stop recording")).to_be_visible()
    await visitor.go("engineering")
    await visitor.page.evaluate(
        """() => new Promise((resolve) => {
            const over = () => sound.getTracks().every((each) => each.readyState === "ended");
            const look = () => (over() ? resolve() : requestAnimationFrame(look));
            look();
        })"""
    )
    await visitor.go("general")
    await expect(composer.get_by_text("audio_message")).to_be_visible()
