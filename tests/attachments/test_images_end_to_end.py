"""Pictures, from Slack to the model, over the real protocols of both."""

from slackbot.llm.openai.texts import MEDIA_OMITTED
from slackbot.playground.fake_openai.request_checks import Feature, RequestRules
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack import event_payloads
from tests import sample_files
from tests.attachments.helpers import ask, cat, pictures, text
from tests.harness import BotHarness

UNREADABLE = MEDIA_OMITTED["unreadable"].format(name="“cat.png”")
FORBIDDEN = MEDIA_OMITTED["forbidden"].format(name="“cat.png”")
UNSEEN = "This model can't see pictures: it was only told their names."


async def test_picture(harness: BotHarness) -> None:
    """A picture reaches the model next to the text, with its name."""
    harness.model.enqueue("A flag.")
    async with harness.running():
        assert await ask(harness, "what is this?", cat(harness)) == "A flag."
    (request,) = harness.model.requests
    assert text(request) == "what is this?\n[file: cat.png]"
    (sent,) = pictures(request)
    assert sample_files.left_and_right_colours(sent) == ("red", "blue")


async def test_picture_without_text(harness: BotHarness) -> None:
    """In a direct message, a picture without text is a question."""
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        harness.model.enqueue("A flag.")
        question = await harness.workspace.say(harness.ana, direct, "", files=[cat(harness)])
        assert (await harness.finished(question)).shown == "A flag."
    (request,) = harness.model.requests
    assert text(request) == "[file: cat.png]"
    assert len(pictures(request)) == 1


async def test_pictures_that_are_already_in_a_thread(harness: BotHarness) -> None:
    """The pictures of a thread are sent to the model when the bot is mentioned in it later."""
    async with harness.running():
        first = await harness.workspace.say(
            harness.ben, harness.general, "look at this", files=[cat(harness)]
        )
        harness.model.enqueue("A flag.")
        await ask(harness, "what is that?", thread=first.ts)
    (request,) = harness.model.requests
    assert len(pictures(request, 1)) == 1


async def test_edit_keeps_the_picture(harness: BotHarness) -> None:
    """An edited question still has its picture."""
    harness.model.enqueue("A flag.", "Red and blue.")
    async with harness.running():
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[cat(harness)]
        )
        await harness.answered(question, "A flag.")
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} its colours?")
        await harness.answered(question, "Red and blue.")
    assert text(harness.model.requests[-1]) == "its colours?\n[file: cat.png]"
    assert len(pictures(harness.model.requests[-1])) == 1


async def test_regenerated_and_after_a_crash(harness: BotHarness) -> None:
    """An answer that is regenerated, or continued after a crash, gets the picture again."""
    harness.model.enqueue("A flag.", says("Two colours").held(after=1), "A red one.")
    async with harness.running(grace=0.0):
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[cat(harness)]
        )
        await harness.answered(question, "A flag.")
        await harness.service.bot.idle()
        await harness.press(harness.ana, question, "again")
        await harness.model.until(lambda: len(harness.model.streams) == 2)
    async with harness.running():
        await harness.answered(question, "A red one.")
    assert [len(pictures(request)) for request in harness.model.requests] == [1, 1, 1]


async def verify_refused(
    harness: BotHarness, told: str, line: str, *, names_it: bool
) -> list[bool]:
    """Plays a dialog about pictures that are refused; returns which requests had one."""
    harness.model.rules = RequestRules(refuses=frozenset[Feature]({"image_url"}), names_it=names_it)
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue("I see nothing.", "Still nothing.", "Nor now.")
        answer = await ask(harness, "and this?", cat(harness), thread=root.ts)
        assert answer == f"I see nothing.\n\n⚠️ _{told}_"
        assert await ask(harness, "really?", thread=root.ts) == "Still nothing."
        another = cat(harness, size=(80, 40))
        assert told in await ask(harness, "and this?", another, thread=root.ts)
    requests = harness.model.requests
    assert text(requests[2]) == f"and this?\n[file: cat.png]\n{line}"
    return [any(pictures(each, n) for n in range(len(each["messages"]))) for each in requests]


async def test_model_without_vision(harness: BotHarness) -> None:
    """A model that takes no pictures answers the text. The person is told once for each picture,
    and no further picture is sent.
    """
    seen = await verify_refused(harness, UNSEEN, "(You can't see pictures.)", names_it=True)
    assert seen == [False, True, False, False, False]


async def test_model_without_vision_and_an_unclear_error(harness: BotHarness) -> None:
    """An unclear error with a picture, on a server that worked before, costs that picture, and says
    nothing about the next one.
    """
    line = "(“cat.png” could not be shown to you.)"
    seen = await verify_refused(harness, UNREADABLE, line, names_it=False)
    assert seen == [False, True, False, False, True, False]


async def test_picture_that_is_not_allowed(harness: BotHarness) -> None:
    """A picture that the provider does not allow has a note, and the next one is sent."""
    sentence = "Your input image may contain content that is not allowed by our safety system."
    harness.model.enqueue(fails(400, sentence, code="content_policy_violation"), "No.", "A flag.")
    async with harness.running():
        answer = await ask(harness, "what is this?", cat(harness))
        assert answer == f"No.\n\n⚠️ _{FORBIDDEN}_"
        assert await ask(harness, "and this?", cat(harness, size=(80, 40))) == "A flag."
    assert [len(pictures(request)) for request in harness.model.requests] == [1, 0, 1]


async def test_file_in_the_second_event(harness: BotHarness) -> None:
    """If a mention arrives without its file, the message event for the same text adds it."""
    harness.model.enqueue(says("I see nothing").held(after=1), "A flag.")
    async with harness.running():
        harness.workspace.mention_first = True
        question = await harness.said_before(harness.ana, f"{harness.bot.mention} this?")
        await harness.answered(question, "I")
        question.files = [cat(harness)]
        await harness.workspace.deliver(event_payloads.posted(question, harness.general))
        await harness.answered(question, "A flag.")
    assert len(pictures(harness.model.requests[-1])) == 1


async def test_pictures_count_in_the_budget(harness: BotHarness) -> None:
    """Turns with pictures are left out when they no longer fit the context."""
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "4000"}):
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        for name in ("one", "two", "three"):
            harness.model.enqueue(name)
            big = cat(harness, size=(1_024, 1_024))
            assert await ask(harness, name, big, thread=root.ts) == name
            await harness.service.bot.idle()
    counts = [
        sum(len(pictures(each, n)) for n in range(len(each["messages"])))
        for each in harness.model.requests
    ]
    assert counts == [0, 1, 2, 1]


async def test_no_room(harness: BotHarness) -> None:
    """Pictures take at most half of the context, and the others have a note."""
    harness.model.enqueue("Two.")
    big = [cat(harness, size=(1_024, 1_024)) for _ in range(3)]
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "8000"}):
        answer = await ask(harness, "how many?", *big)
    assert answer == "Two.\n\n⚠️ _There was no room left for “cat.png”._"
    assert len(pictures(harness.model.requests[-1])) == 2


async def test_native_streams(harness: BotHarness) -> None:
    """In Slack's own streams as well, quotes are above an answer and notes below it."""
    harness.model.media.transcript = "What is this?"
    memo = harness.workspace.share(harness.ana, "memo.m4a", sample_files.recording(), "audio/mp4")
    broken = harness.workspace.share(
        harness.ana, "dog.png", sample_files.picture()[:60], "image/png"
    )
    harness.model.enqueue("A flag.")
    changes = {"SLACKBOT_STREAMING": "native", "OPENAI_TRANSCRIBE_MODEL": "listener"}
    async with harness.running(changes):
        answer = await ask(harness, "", memo, broken)
    assert answer == (
        "> 🎤 What is this?\n\nA flag.\n\n"
        "⚠️ _“dog.png” can't be read: it is damaged, or not what its name says._"
    )
    methods = [call.method for call in harness.workspace.calls]
    assert methods.count("chat.startStream") == 1
    assert methods.count("chat.update") == 0
