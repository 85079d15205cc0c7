"""Takes the documentation's pictures: the real bot in the playground, with a scripted model.

python -m docs.pictures
"""

import asyncio
import io
import shutil
from itertools import pairwise
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, async_playwright, expect

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.page.server import PageServer
from slackbot.playground.playground import run_playground
from slackbot.slack.manifest import manifest

FOLDER = Path(__file__).parent
MODEL = "scripted for this picture"
WORDS_A_SECOND = 40

PAUSE_SECONDS = 3.0
"""Between the questions of one person who asks on."""

QUESTIONS_IN_A_ROW = (
    "what is a rolling release?",
    "and a canary?",
    "how do we know that a canary is ill?",
    "who decides to roll back?",
    "what about the database?",
    "so write me the plan for tonight",
)
SLOW_WORDS_A_SECOND = 20
FRAMES_A_SECOND = 10
RECORDED_SECONDS = 9.0

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
SMALL_TALK = """\
A rolling release replaces the old version bit by bit: a few machines first, the rest when those \
are well. Nobody waits for a maintenance window, and a bad version hurts few people. What it needs \
is a version that can live next to the one before, and somebody who watches while it goes on. """
PLAN = """\
Here is **tonight's plan**, with one person for each step:

1. **20:00, freeze.** Ana merges what is ready; nothing else goes in.
2. **20:10, canary.** One machine of ten gets the new version. Watch the error rate and the \
slowest requests for fifteen minutes.
3. **20:30, half.** If both lines are flat, five machines follow. If not, *roll back at once*: \
nobody needs to ask first.
4. **20:45, all.** The rest follows, and Ben writes two sentences to #releases.
5. **21:15, done.** The migration that drops the old column waits until Thursday, so that the way \
back stays open.

What could go wrong: the cache is cold on new machines, so the first minute is always slower.
"""
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
            await _growing(
                await browser.new_page(viewport={"width": 1280, "height": 640}), server, model
            )
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


async def _growing(page: Page, server: PageServer, model: ModelServer) -> None:
    """Records the sixth answer in a row to one person, under Slack's limits, while it grows."""
    await page.goto(server.url)
    first, *others = QUESTIONS_IN_A_ROW
    model.enqueue(says(SMALL_TALK * 3).paced(1 / SLOW_WORDS_A_SECOND))
    await _say(page, "#general", f"@assistant {first}")
    for question in others:
        await _finished(page)
        await page.wait_for_timeout(PAUSE_SECONDS * 1_000)
        text = PLAN if question == others[-1] else SMALL_TALK * 3
        model.enqueue(says(text).paced(1 / SLOW_WORDS_A_SECOND))
        await _say(page, "", question)
    thread, now = page.locator("#thread"), asyncio.get_running_loop().time
    await expect(page.locator("#thread .message").last).to_contain_text("Here", timeout=20_000)
    frames, shown_at, begun = list[Image.Image](), list[float](), now()
    while now() < begun + RECORDED_SECONDS:
        shown_at.append(now())
        frames.append(Image.open(io.BytesIO(await thread.screenshot(caret="hide"))).convert("RGB"))
        await page.wait_for_timeout(max(shown_at[-1] + 1 / FRAMES_A_SECOND - now(), 0.0) * 1_000)
    durations = [round(1_000 * (after - before)) for before, after in pairwise([*shown_at, now()])]
    path = FOLDER / "growing.webp"
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=60
    )
    print(f"{path.name}: {path.stat().st_size // 1024} KiB, {len(frames)} frames")
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
