"""Conversations with the bot through the page, in a real browser."""

import re

from playwright.async_api import FilePayload, expect

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.page.visitor import Visitor


async def test_an_answer_grows_live(visitor: Visitor, model: ModelServer) -> None:
    """A mention is answered in a thread that opens by itself; its text is seen while it grows."""
    model.enqueue(says("one two three").held(after=1))
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    await expect(visitor.answer.get_by_role("button", name="Stop")).to_be_visible()
    await expect(visitor.answer).not_to_contain_text("three")
    model.release()
    await visitor.sees(visitor.answer, "one two three")
    await visitor.finished()
    assert len(visitor.answers) == 1
    await expect(visitor.middle.first).to_contain_text("1 reply")


async def test_following_up(visitor: Visitor, model: ModelServer) -> None:
    """What is said in the thread needs no mention, and the model is told what was said before."""
    model.enqueue("Paris", "About two million.")
    await visitor.ask("What is the capital of France?")
    await visitor.sees(visitor.answer, "Paris")
    await visitor.finished()
    await visitor.reply("And how many live there?")
    await visitor.sees(visitor.answer, "About two million.")
    contents = [message["content"] for message in model.requests[-1]["messages"][1:]]
    assert contents == ["What is the capital of France?", "Paris", "And how many live there?"]


async def test_a_thread_opens_for_its_own_answer(visitor: Visitor, model: ModelServer) -> None:
    """A closed thread stays closed when a command is used, or something is said to people."""
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
    """Stop ends the answer with what there is."""
    model.enqueue(says("one two three").held(after=1))
    await visitor.ask("count")
    await visitor.sees(visitor.answer, "one")
    await visitor.answer.get_by_role("button", name="Stop").click()
    await visitor.finished()
    await expect(visitor.answer).not_to_contain_text("three")


async def test_the_thinking_bot(visitor: Visitor, model: ModelServer) -> None:
    """While the model has said nothing yet, the thread says that the bot is at it."""
    model.enqueue(says("there").held(after=0))
    await visitor.ask("hm?")
    await expect(visitor.page.locator("#thread .status")).to_contain_text("assistant")
    await model.until(lambda: model.open_streams > 0)
    model.release()
    await visitor.sees(visitor.answer, "there")
    await expect(visitor.page.locator("#thread .status")).to_have_count(0)


async def test_slacks_own_stop(visitor: Visitor, model: ModelServer) -> None:
    """Who will not wait for the first word stops the bot in the line that says it thinks."""
    model.enqueue(says("one two three").held(after=0))
    await visitor.ask("count")
    await model.until(lambda: model.open_streams > 0)
    await visitor.page.locator("#thread .status").get_by_role("button", name="Stop").click()
    await model.until(lambda: model.open_streams == 0)
    await expect(visitor.page.locator("#thread .status")).to_have_count(0)
    assert all("one" not in each.shown for each in visitor.answers)


async def test_direct_messages(visitor: Visitor, model: ModelServer) -> None:
    """In the direct message no mention is needed."""
    model.enqueue("Hello Ana.")
    await visitor.go("assistant")
    await visitor.say("hello", "Message assistant")
    await visitor.sees(visitor.answer, "Hello Ana.")


async def test_suggestions(visitor: Visitor, model: ModelServer) -> None:
    """What the bot suggests is asked with one press, and its answer's thread opens, too."""
    prompts = [{"title": "A joke, please", "message": "Tell me a joke."}]
    ana = next(each for each in visitor.workspace.people.values() if each.name == "ana")
    await visitor.go("assistant")
    visitor.workspace.prompts[visitor.workspace.direct_message(ana).id, ""] = prompts
    visitor.workspace.changes.notify()
    model.enqueue("Knock, knock.")
    await visitor.page.get_by_role("button", name="A joke, please").click()
    await visitor.sees(visitor.answer, "Knock, knock.")


async def test_markdown(visitor: Visitor, model: ModelServer) -> None:
    """Headings, lists, code, tables, quotes and links of the model are seen as such."""
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
    """A table that is wider than the thread is moved sideways; its words stay whole."""
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
    """One's own message can be edited, which asks the bot anew, and deleted with its answer."""
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


async def test_the_arrow_up_edits(visitor: Visitor) -> None:
    """The arrow up in an empty composer edits what one said last; Escape leaves it as it is."""
    await visitor.say("to be or not to be")
    await visitor.sees(visitor.middle.last, "to be")
    await visitor.page.get_by_role("textbox", name="Message #general").press("ArrowUp")
    box = visitor.page.get_by_role("textbox", name="Edit the message")
    await expect(box).to_be_focused()
    await box.press("Escape")
    await expect(box).to_have_count(0)
    await visitor.sees(visitor.middle.last, "to be or not to be")


async def test_reactions(visitor: Visitor) -> None:
    """A reaction is counted for all, and taken back by another press."""
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
    """A thumb is thanked for, which only the person sees who pressed it."""
    model.enqueue("42")
    await visitor.ask("the answer?")
    await visitor.finished()
    await visitor.answer.get_by_role("button", name=re.compile("good", re.IGNORECASE)).click()
    await visitor.sees(visitor.thread.last, "Thank you")
    await visitor.sees(visitor.thread.last, "Only visible to you")
    await visitor.be("Ben Larsen")
    await expect(visitor.thread.last).not_to_contain_text("Thank you")


async def test_sharing_files(visitor: Visitor) -> None:
    """A picture is shown, another file can be downloaded as what it is."""
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


async def test_voice_clips(visitor: Visitor) -> None:
    """What is recorded in the composer is shared as a clip that can be played."""
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
    """Who goes elsewhere is recorded no longer; what was said so far waits in the composer."""
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


async def test_completion(visitor: Visitor) -> None:
    """@ and # and / are completed; Tab takes the first, arrows choose, Escape closes."""
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
    """Names need not be English ones: they are completed after their first letters, too."""
    visitor.workspace.add_person("jörg", real_name="Jörg Müller")
    visitor.workspace.changes.notify()
    box = visitor.page.get_by_role("textbox", name="Message #general")
    for typed in ("@jö", "@mü"):
        await box.fill(typed)
        await expect(visitor.page.get_by_role("option", name="@jörg")).to_be_visible()
    await box.press("Tab")
    await expect(box).to_have_value("@jörg ")


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


async def test_what_was_seen_survives_a_reload(visitor: Visitor, model: ModelServer) -> None:
    """After a reload one is who one was, and looks at what one looked at."""
    model.enqueue("Here.")
    await visitor.be("Ben Larsen")
    await visitor.ask("where?")
    await visitor.finished()
    await visitor.page.reload()
    await visitor.sees(visitor.answer, "Here.")
    await expect(visitor.page.get_by_label("You are")).to_have_value(
        next(each.id for each in visitor.workspace.people.values() if each.name == "ben")
    )
