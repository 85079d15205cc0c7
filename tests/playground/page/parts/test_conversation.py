"""Conversations with the bot through the page, in a real browser."""

import re

from playwright.async_api import expect

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import Fault
from tests.playground.page.visitor import Visitor


async def test_an_answer_grows_live(visitor: Visitor, model: ModelServer) -> None:
    """A mention opens a thread, in which the answer grows."""
    model.enqueue(says("one two three").held(after=1))
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    await expect(visitor.page.locator("#thread").get_by_role("button", name="Stop")).to_be_visible()
    await expect(visitor.answer).not_to_contain_text("three")
    model.release()
    await visitor.sees(visitor.answer, "one two three")
    await visitor.finished()
    assert len(visitor.answers) == 1
    await expect(visitor.middle.first).to_contain_text("1 reply")


async def test_following_up(visitor: Visitor, model: ModelServer) -> None:
    """A reply in the thread needs no mention, and the model gets the history."""
    model.enqueue("Paris", "About two million.")
    await visitor.ask("What is the capital of France?")
    await visitor.sees(visitor.answer, "Paris")
    await visitor.finished()
    await visitor.reply("And how many live there?")
    await visitor.sees(visitor.answer, "About two million.")
    contents = [message["content"] for message in model.requests[-1]["messages"][1:]]
    assert contents == ["What is the capital of France?", "Paris", "And how many live there?"]


async def test_a_thread_opens_for_its_own_answer(visitor: Visitor, model: ModelServer) -> None:
    """A closed thread stays closed during commands and messages to people."""
    model.enqueue("Paris", "Rome")
    await visitor.ask("capital of France?")
    await visitor.sees(visitor.answer, "Paris")
    await visitor.finished()
    await visitor.page.get_by_role("button", name="Close the thread").click()
    async with visitor.page.expect_response("**/act/command"):
        await visitor.say("/instructions show")
    await visitor.sees(visitor.middle.last, "Only visible to you")
    async with visitor.page.expect_response("**/act/say"):
        await visitor.say("Thanks!")
    await visitor.sees(visitor.middle.last, "Thanks!")
    await expect(visitor.page.locator("#thread")).to_be_hidden()
    await visitor.ask("and of Italy?")
    await visitor.sees(visitor.answer, "Rome")


async def test_stopping(visitor: Visitor, model: ModelServer) -> None:
    """Where answers are edited, Stop stands under them; it ends the answer with the text so far."""
    visitor.workspace.faults.add("chat.startStream", Fault.error("unknown_method"), times=9)
    model.enqueue(says("one two three").held(after=1))
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    await visitor.answer.get_by_role("button", name="Stop").click()
    await visitor.finished()
    await visitor.sees(visitor.answer, "Stopped here.")
    await expect(visitor.answer).not_to_contain_text("three")


async def test_the_thinking_bot(visitor: Visitor, model: ModelServer) -> None:
    """Before the first word, the thread shows the bot's status."""
    model.enqueue(says("there").held(after=0))
    await visitor.ask("hm?")
    await expect(visitor.page.locator("#thread .status")).to_contain_text("assistant")
    await model.until(lambda: model.open_streams > 0)
    model.release()
    await visitor.sees(visitor.answer, "there")
    await expect(visitor.page.locator("#thread .status")).to_have_count(0)


async def test_slacks_own_stop(visitor: Visitor, model: ModelServer) -> None:
    """While a stream grows, the stop button of Slack stands below the thread; then it is gone."""
    model.enqueue(says("one two three").held(after=2))
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    status = visitor.page.locator("#thread .status")
    await expect(status).to_contain_text("assistant is working")
    await status.get_by_role("button", name="Stop").click()
    await visitor.finished()
    await expect(status).to_have_count(0)


async def test_tasks(visitor: Visitor, model: ModelServer) -> None:
    """The tasks of a stream stand above its text, with their states."""
    model.enqueue(says("one two").held(after=1))
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    tasks = visitor.answer.get_by_role("list", name="Tasks")
    for state, words in (("in_progress", "in progress"), ("complete", "complete")):
        visitor.answers[0].tasks["t1"] = ("Searching the web", state)
        visitor.workspace.changes.notify()
        await expect(tasks).to_contain_text(f"Searching the web{words}")
    model.release()
    await visitor.finished()
    await expect(tasks).to_be_visible()


async def test_direct_messages(visitor: Visitor, model: ModelServer) -> None:
    """In the direct message no mention is needed."""
    model.enqueue("Hello Ana.")
    await visitor.go("assistant")
    await visitor.say("hello", "Message assistant")
    await visitor.sees(visitor.answer, "Hello Ana.")


async def test_what_a_person_does(visitor: Visitor, model: ModelServer) -> None:
    """`/me` says what the person does, in italics, and the bot answers it in a direct message."""
    model.enqueue("Hello Ana.")
    await visitor.go("assistant")
    await visitor.say("/me waves", "Message assistant")
    await visitor.sees(visitor.answer, "Hello Ana.")
    said = visitor.thread.first.get_by_text("waves", exact=True)
    await expect(said).to_have_css("font-style", "italic")
    await visitor.sees(visitor.thread.first, "Ana Okafor")


async def test_suggestions(visitor: Visitor, model: ModelServer) -> None:
    """A suggested prompt is asked with one click, and its thread opens."""
    prompts = [{"title": "A joke, please", "message": "Tell me a joke."}]
    ana = next(each for each in visitor.workspace.people.values() if each.name == "ana")
    await visitor.go("assistant")
    visitor.workspace.prompts[visitor.workspace.direct_message(ana).id, ""] = prompts
    visitor.workspace.changes.notify()
    model.enqueue("Knock, knock.")
    await visitor.page.get_by_role("button", name="A joke, please").click()
    await visitor.sees(visitor.answer, "Knock, knock.")


async def test_markdown(visitor: Visitor, model: ModelServer) -> None:
    """Headings, lists, code, tables, quotes and links of the model are rendered."""
    model.enqueue(
        "# Title\n\n* one\n* two\n\n```python\nprint('<b>')\n```\n\n| a | b |\n| - | -: |\n"
        "| 1 | 2 |\n\n> said\n\n[a link](https://example.org/) and `code`, ~~not~~ **bold**"
    )
    await visitor.ask("show")
    await visitor.finished()
    prose = visitor.answer.locator(".prose")
    await expect(prose.locator(".h1")).to_have_text("Title")
    await expect(prose.locator("li")).to_have_text(["one", "two"])
    await expect(prose.locator("pre code")).to_have_text("print('<b>')")
    await expect(prose.locator("td")).to_have_text(["1", "2"])
    await expect(prose.locator("td").nth(1)).to_have_css("text-align", "right")
    await expect(prose.locator("blockquote")).to_have_text("said")
    link = prose.get_by_role("link", name="a link")
    assert await link.get_attribute("href") == "https://example.org/"
    assert "noopener" in (await link.get_attribute("rel") or "")


async def test_wide_tables(visitor: Visitor, model: ModelServer) -> None:
    """A table that is wider than the thread scrolls sideways; its words stay whole."""
    word = "internationalisation"
    rows = [" | ".join([word] * 6), "|".join(["---"] * 6), " | ".join(["1234567890"] * 6)]
    model.enqueue("\n".join(rows))
    await visitor.ask("show")
    await visitor.finished()
    table = visitor.answer.locator(".prose table")
    assert await table.evaluate("table => table.scrollWidth > table.clientWidth")
    heights = await table.locator("th").evaluate_all("cells => cells.map(c => c.clientHeight)")
    assert max(heights) < 50, "one line"
    width = "document.documentElement.scrollWidth <= innerWidth"
    assert await visitor.page.evaluate(width)


async def test_editing_and_deleting(visitor: Visitor, model: ModelServer) -> None:
    """A person can edit a message, which asks the bot again, and delete it with its answer."""
    model.enqueue("Paris", "Rome")
    await visitor.ask("capital of France?")
    await visitor.sees(visitor.answer, "Paris")
    await visitor.finished()
    question = visitor.thread.first
    await question.hover()
    await question.get_by_role("button", name="Edit").click()
    box = visitor.page.get_by_role("textbox", name="Edit the message")
    await expect(box).to_have_value("@assistant capital of France?")
    await box.fill("@assistant capital of Italy?")
    await box.press("Enter")
    await visitor.sees(visitor.thread.first, "capital of Italy?")
    await visitor.sees(visitor.answer, "Rome")
    assert len(visitor.answers) == 1
    await visitor.thread.first.hover()
    await visitor.thread.first.get_by_role("button", name="Delete").click()
    await visitor.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await visitor.sees(visitor.middle.first, "This message was deleted.")


async def test_reactions(visitor: Visitor) -> None:
    """A reaction is counted for everybody, and removed by another click."""
    await visitor.say("done!")
    message = visitor.middle.last
    await message.hover()
    await message.get_by_role("button", name="Add a reaction").click()
    await visitor.page.get_by_role("button", name="tada").click()
    await visitor.be("Ben Larsen")
    pill = visitor.middle.last.get_by_role("button", name=re.compile("tada"))
    await pill.click()
    await expect(pill).to_have_attribute("aria-label", "tada, 2 reactions")
    await pill.click()
    await expect(pill).to_have_attribute("aria-label", "tada, 1 reaction")


async def test_feedback(visitor: Visitor, model: ModelServer) -> None:
    """A thumb is acknowledged to the person who pressed it only."""
    model.enqueue("42")
    await visitor.ask("the answer?")
    await visitor.finished()
    await visitor.answer.get_by_role("button", name=re.compile("good", re.IGNORECASE)).click()
    await visitor.sees(visitor.thread.last, "Thank you")
    await visitor.sees(visitor.thread.last, "Only visible to you")
    await visitor.be("Ben Larsen")
    await expect(visitor.thread.last).not_to_contain_text("Thank you")


async def test_what_was_seen_survives_a_reload(visitor: Visitor, model: ModelServer) -> None:
    """After a reload the person, channel and thread are the same."""
    model.enqueue("Here.")
    await visitor.be("Ben Larsen")
    await visitor.ask("where?")
    await visitor.finished()
    await visitor.page.reload()
    await visitor.sees(visitor.answer, "Here.")
    await expect(visitor.page.get_by_label("You are")).to_have_value(
        next(each.id for each in visitor.workspace.people.values() if each.name == "ben")
    )
