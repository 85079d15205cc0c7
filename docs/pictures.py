"""Takes the documentation's pictures: the real bot in the playground, with a scripted model.

python -m docs.pictures
"""

import asyncio
import shutil
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import run_playground
from slackbot.slack.manifest import manifest

FOLDER = Path(__file__).parent
MODEL = "scripted for this picture"
WORDS_A_SECOND = 40

QUESTION = "@assistant how do I find the ten largest files below a folder?"
ANSWER = """\
Let `find` list them and `sort` order them:

```
find . -type f -printf '%s %p\\n' | sort -rn | head -10
```

* `-printf '%s %p'` prints each file's **size** and path
* `sort -rn` puts the largest first

On macOS, whose `find` has no `-printf`, use `du`:

```
find . -type f -exec du -k {} + | sort -rn | head -10
```
"""
FOLLOW_UP = "and only those older than a year?"
SECOND = """\
Add `-mtime +365`:

| days | option |
| ---: | --- |
| 30 | `-mtime +30` |
| 365 | `-mtime +365` |

It counts whole days since the last change"""
PERSONA = """\
You help the release team. Answer in five lines at the most, name the command, and say what could \
go wrong. Ask back when you do not know which service is meant."""
TRIED = "How do I roll back?"
TRIAL = """\
Which service do you mean? For most of them it is “deploy rollback”; watch the error rate for five \
minutes. What could go wrong: migrations are not undone."""
SETTINGS = {"OPENAI_MODEL": MODEL}


async def take() -> None:
    async with ModelServer() as model:
        settings = {**SETTINGS, "OPENAI_BASE_URL": model.url}
        async with (
            run_playground(settings, manifest()) as playground,
            PageServer(playground) as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = await browser.new_page(viewport={"width": 1280, "height": 800})
            await page.goto(server.url)
            await expect(page.get_by_text("@assistant is running")).to_be_visible(timeout=20_000)
            await _conversation(page, model)
            await _form(page, model)
            await _inspector(page, model)
            await browser.close()


async def _conversation(page: Page, model: ModelServer) -> None:
    """Takes a picture while the second answer grows."""
    await _say(page, "#general", "Morning! The release is out. :tada:")
    await page.get_by_label("You are").select_option(label="Ben Larsen, member")
    model.enqueue(says(ANSWER).paced(1 / WORDS_A_SECOND))
    await _say(page, "#general", QUESTION)
    await _finished(page)
    held = says(SECOND)
    model.enqueue(held.held(after=len(held.deltas) - 1).paced(1 / WORDS_A_SECOND))
    await page.get_by_label("You are").select_option(label="Ana Okafor, owner")
    await _say(page, "", FOLLOW_UP)
    await expect(page.locator("#thread .message").last).to_contain_text("since", timeout=20_000)
    await page.mouse.move(0, 0)
    await _shoot(page, "conversation")
    model.release()
    await _finished(page)


async def _form(page: Page, model: ModelServer) -> None:
    """Takes a picture of the form, with instructions that were tried but not saved."""
    await page.set_viewport_size({"width": 1280, "height": 1400})
    await page.get_by_role("textbox", name="Message #general").fill("/instructions")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Instructions")
    await dialog.get_by_role("textbox", name="Instructions").fill(PERSONA)
    await dialog.get_by_role("textbox", name="Try it before you save").fill(TRIED)
    model.enqueue(says(TRIAL))
    await dialog.get_by_role("button", name="Try it").click()
    shown = dialog.get_by_text(TRIAL[:40])
    await expect(shown).to_be_visible(timeout=20_000)
    await shown.scroll_into_view_if_needed()
    await page.mouse.move(0, 0)
    await _shoot(dialog, "form")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.set_viewport_size({"width": 1280, "height": 800})


async def _inspector(page: Page, model: ModelServer) -> None:
    """Takes a picture of the inspector in dark colours, with an answer's timeline."""
    await page.get_by_role("button", name="Dark colours").click()
    model.enqueue(says(ANSWER).paced(1 / WORDS_A_SECOND))
    await _say(page, "", "Once more, all in one")
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await _finished(page)
    await page.get_by_role("button", name="Inspector").click()
    await expect(page.locator(".timeline")).to_be_visible()
    await page.mouse.move(0, 0)
    await _shoot(page, "inspector")


async def _say(page: Page, place: str, text: str) -> None:
    label = f"Message {place}" if place else "Reply in the thread"
    box = page.get_by_role("textbox", name=label)
    await box.fill(text)
    await box.press("Enter")
    await expect(page.get_by_text(text.split()[-2]).first).to_be_visible()


async def _finished(page: Page) -> None:
    regenerate = page.locator("#thread .message").last.get_by_role("button", name="Regenerate")
    await expect(regenerate).to_be_visible(timeout=30_000)


async def _shoot(seen: Page | Locator, name: str) -> None:
    await seen.evaluate("document.activeElement.blur()")
    path = FOLDER / f"{name}.png"
    await seen.screenshot(path=path, animations="disabled", caret="hide")
    print(f"{path.name}: {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    asyncio.run(take())
