"""Three bots on one PostgreSQL database: the page shows them die, and an answer go on."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, expect

from slackbot.errors import ConfigError
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.page.action_request import ActionError, ActionRequest
from slackbot.playground.playground import Playground, run_playground
from slackbot.playground.replicas import ReplicaChoice
from slackbot.slack.manifest import manifest
from slackbot.store.postgres.overview import open_overview
from tests.playground.page.parts.test_network import open_network
from tests.playground.page.visitor import Visitor

TAKE_OVER_MS = 60_000
"""A lease lasts 15 seconds, and the machine may be busy."""


@pytest.fixture
async def playground(model: ModelServer) -> AsyncIterator[Playground]:
    settings = {"OPENAI_BASE_URL": model.url, "OPENAI_MODEL": "scripted"}
    replicas = ReplicaChoice(3, open_overview)
    try:
        async with run_playground(settings, manifest(), replicas=replicas) as playground:
            yield playground
    except ConfigError as error:
        pytest.skip(str(error))


def replica(visitor: Visitor, number: int) -> Locator:
    return visitor.page.get_by_role("listitem").filter(has_text=f"Replica {number}")


async def owner(visitor: Visitor, *besides: int) -> int:
    """The number of the replica that owns the workspace, once one other than these does."""
    others = "".join(str(number) for number in (1, 2, 3) if number not in besides)
    row = visitor.page.get_by_role("listitem").filter(
        has_text=re.compile(f"Replica [{others}].*owns")
    )
    await expect(row).to_be_visible(timeout=TAKE_OVER_MS)
    found = re.search(r"Replica (\d)", await row.inner_text())
    assert found
    return int(found[1])


async def test_the_owner_is_killed(visitor: Visitor, model: ModelServer) -> None:
    """Another replica finishes the answer in the same message; the dead one can start again."""
    page = visitor.page
    model.enqueue(says("one two three").held(after=1), "one two three four")
    await open_network(visitor)
    dead = await owner(visitor)
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    await page.get_by_role("button", name=f"Kill replica {dead}").click()
    await expect(replica(visitor, dead)).to_contain_text("is dead")
    await expect(page.get_by_text("@assistant is running (2 of 3)")).to_be_visible()
    await expect(page.get_by_role("button", name=f"Start replica {dead}")).to_be_focused()
    assert await owner(visitor, dead) != dead
    await expect(visitor.answer).to_contain_text("one two three four", timeout=TAKE_OVER_MS)
    await visitor.finished()
    assert len(visitor.answers) == 1
    await page.get_by_role("tab", name="Bot's log").click()
    await page.get_by_role("button", name=f"Replica {dead}").click()
    await expect(page.locator("#panel")).to_contain_text("(killed by SIGKILL)")
    await page.get_by_role("tab", name="Network").click()
    await page.get_by_role("button", name=f"Start replica {dead}").click()
    await expect(replica(visitor, dead)).to_contain_text("runs, 2 starts")
    await expect(page.get_by_text("@assistant is running (3 of 3)")).to_be_visible()


async def test_the_owner_is_paused(visitor: Visitor, model: ModelServer) -> None:
    """Another replica takes over from one that is paused, and keeps the workspace when it wakes."""
    page = visitor.page
    await open_network(visitor)
    paused = await owner(visitor)
    await page.get_by_role("button", name=f"Pause replica {paused}").click()
    await expect(replica(visitor, paused)).to_contain_text(
        re.compile(r"is paused.* for \d+ s more")
    )
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        found = await visitor.barriers()
        assert not found, "\n".join(found)
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    model.enqueue("Ahoy.")
    await visitor.ask("hello")
    taken = await owner(visitor, paused)
    await expect(visitor.answer).to_contain_text("Ahoy.", timeout=TAKE_OVER_MS)
    await page.get_by_role("button", name=f"Resume replica {paused}").click()
    await expect(replica(visitor, paused)).to_have_text(re.compile("runs, 1 start(?!.*owns)"))
    assert await owner(visitor) == taken
    assert len(visitor.answers) == 1
    for number in (0, 4, 1.5):
        with pytest.raises(ActionError, match="There is no such replica"):
            _ = ActionRequest(visitor.playground, {"replica": number}).bot
