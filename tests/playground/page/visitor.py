"""A person at the playground's page, with a real browser."""

import asyncio
from collections.abc import Callable

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.playground import Playground

AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Visitor:
    """Uses the page, and has access to the playground behind it."""

    def __init__(self, page: Page, playground: Playground, url: str) -> None:
        self.page = page
        self.playground = playground
        self.workspace = playground.workspace
        self.url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda line: self.errors.append(line.text) if line.type == "error" else None,
        )

    async def arrive(self) -> None:
        """Opens the page, and waits for the workspace and the bot."""
        await self.page.goto(self.url)
        await expect(self.page.get_by_text("@assistant is running")).to_be_visible(timeout=20_000)

    async def joined_channel(self) -> "Visitor":
        """Opens the page in another tab."""
        other = Visitor(await self.page.context.new_page(), self.playground, self.url)
        await other.arrive()
        return other

    async def be(self, name: str) -> None:
        """One of: Ana Okafor, Ben Larsen, Gus Moreau, Zoe Park."""
        people = self.workspace.people.values()
        person = next(each for each in people if each.real_name == name)
        await self.page.get_by_label("You are").select_option(person.id)
        await self.page.evaluate("new Promise(requestAnimationFrame)")  # redrawn by then

    async def go(self, place: str) -> None:
        """Opens a channel, or the direct message with the bot."""
        await self.page.locator("#sidebar").get_by_role("button", name=place).click()

    async def say(self, text: str, where: str = "Message #general") -> None:
        box = self.page.get_by_role("textbox", name=where)
        await box.fill(text)
        await box.press("Enter")

    async def ask(self, question: str) -> None:
        """Posts a message in #general that mentions the bot."""
        await self.say(f"@assistant {question}")

    async def reply(self, text: str) -> None:
        await self.say(text, "Reply in the thread")

    @property
    def middle(self) -> Locator:
        return self.page.get_by_role("region", name="Conversation").locator(".message")

    @property
    def thread(self) -> Locator:
        """The messages in the thread pane."""
        return self.page.get_by_role("region", name="Thread", exact=True).locator(".message")

    @property
    def answer(self) -> Locator:
        """The newest message in the thread."""
        return self.thread.last

    async def sees(self, where: Locator, text: str) -> None:
        await expect(where).to_contain_text(text, timeout=15_000)

    async def finished(self) -> None:
        """Waits until the newest answer is complete."""
        await expect(self.answer.get_by_role("button", name="Regenerate")).to_be_visible(
            timeout=20_000
        )

    @property
    def answers(self) -> list[PostedMessage]:
        """All messages of the bot, including deleted ones."""
        workspace = self.workspace
        return [each for each in workspace.messages.values() if each.author == workspace.bot]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            await self.workspace.changes.until(condition)

    async def barriers(self) -> list[str]:
        """Returns the accessibility violations that axe finds."""
        found = await Axe().run(self.page, options=AXE_OPTIONS)
        return [
            f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
            for violation in found.response["violations"]
            for node in violation["nodes"]
        ]
