"""Completion of names and commands, in a real browser."""

import re

from playwright.async_api import expect

from tests.playground.page.visitor import Visitor


async def test_completion(visitor: Visitor) -> None:
    """@, # and / offer completions; Tab takes the first, arrows choose, Escape closes."""
    box = visitor.page.get_by_role("textbox", name="Message #general")
    await box.press_sequentially("hi @b")
    await expect(visitor.page.get_by_role("option", name=re.compile("@ben"))).to_be_visible()
    await box.press("Tab")
    await box.press_sequentially("see #eng")
    await box.press("Enter")
    await expect(box).to_have_value("hi @ben see #engineering ")
    await box.press("Enter")
    await visitor.sees(visitor.middle.last, "hi @ben see #engineering")
    (message,) = visitor.workspace.messages.values()
    ben = next(each for each in visitor.workspace.people.values() if each.name == "ben")
    assert message.text.startswith(f"hi {ben.mention} see <#C")
    await box.press_sequentially("/inst")
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/instructions ")
    await box.press("Escape")
    await expect(visitor.page.get_by_role("listbox", name="Completions")).to_be_hidden()


async def test_completion_of_any_letters(visitor: Visitor) -> None:
    """Names in other scripts are completed after their first letters, too."""
    visitor.workspace.add_person("jörg", real_name="Jörg Müller")
    visitor.workspace.changes.notify()
    box = visitor.page.get_by_role("textbox", name="Message #general")
    for typed in ("@jö", "@mü"):
        await box.fill(typed)
        await expect(visitor.page.get_by_role("option", name="@jörg")).to_be_visible()
    await box.press("Tab")
    await expect(box).to_have_value("@jörg ")


async def test_somebody_joins_while_their_name_is_typed(visitor: Visitor) -> None:
    """A name that becomes known after it was typed is offered at once."""
    box = visitor.page.get_by_role("textbox", name="Message #general")
    await box.fill("@jö")
    await expect(visitor.page.get_by_role("listbox", name="Completions")).to_be_hidden()
    visitor.workspace.add_person("jörg", real_name="Jörg Müller")
    visitor.workspace.changes.notify()
    await expect(visitor.page.get_by_role("option", name="@jörg")).to_be_visible()
