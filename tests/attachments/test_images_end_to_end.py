"""Pictures that people send, from Slack to the model, over the real wire."""

import base64
from collections.abc import Mapping
from typing import Any

from slackbot.llm.openai.texts import MEDIA_FORBIDDEN
from slackbot.playground.fake_openai.request_checks import Feature, RequestRules
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack import event_payloads
from tests import sample_files
from tests.harness import BotHarness

UNSEEN = "This model can't see pictures: it was only told their names."


async def ask(
    harness: BotHarness, text: str, *files: Mapping[str, Any], thread: str | None = None
) -> str:
    return (await harness.ask(text, *files, thread=thread))[1]


def cat(harness: BotHarness, **options: Any) -> dict[str, Any]:
    return harness.workspace.share(
        harness.ana, "cat.png", sample_files.picture(**options), "image/png"
    )


def pictures(request: Mapping[str, Any], message: int = -1) -> list[bytes]:
    """Those that a request encloses in one of its messages."""
    content = request["messages"][message]["content"]
    parts = content if isinstance(content, list) else []
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


def text(request: Mapping[str, Any], message: int = -1) -> str:
    content = request["messages"][message]["content"]
    return str(content if isinstance(content, str) else content[0]["text"])


async def test_a_picture_is_seen(harness: BotHarness) -> None:
    """It reaches the model beside the text, with its name."""
    harness.model.enqueue("A flag.")
    async with harness.running():
        assert await ask(harness, "what is this?", cat(harness)) == "A flag."
    (request,) = harness.model.requests
    assert text(request) == "what is this?\n[file: cat.png]"
    (sent,) = pictures(request)
    assert sample_files.colours(sent) == ("red", "blue")


async def test_a_picture_without_a_word(harness: BotHarness) -> None:
    """In a direct message a picture alone is a question."""
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        harness.model.enqueue("A flag.")
        question = await harness.workspace.say(harness.ana, direct, "", files=[cat(harness)])
        assert (await harness.finished(question)).shown == "A flag."
    (request,) = harness.model.requests
    assert text(request) == "[file: cat.png]"
    assert len(pictures(request)) == 1


async def test_pictures_of_earlier_messages(harness: BotHarness) -> None:
    """They are sent again, byte for byte the same, as the server's cache needs it; Slack is not
    asked for them more than once a minute.
    """
    harness.model.enqueue("A flag.", "Two.")
    async with harness.running():
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[cat(harness)]
        )
        await harness.answered(question, "A flag.")
        await ask(harness, "how many colours?", thread=question.ts)
    first, second = harness.model.requests
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert pictures(second, 1) == pictures(first, 1) != []
    assert [call.method for call in harness.workspace.calls].count("files.info") == 1


async def test_pictures_of_a_thread_that_people_had(harness: BotHarness) -> None:
    """Whoever calls the bot into a thread need not send again what stands in it."""
    async with harness.running():
        first = await harness.workspace.say(
            harness.ben, harness.general, "look at this", files=[cat(harness)]
        )
        harness.model.enqueue("A flag.")
        await ask(harness, "what is that?", thread=first.ts)
    (request,) = harness.model.requests
    assert len(pictures(request, 1)) == 1


async def test_the_history_keeps_a_reference(harness: BotHarness) -> None:
    """What is stored of a picture is its id, name, type and size: its content stays in Slack."""
    harness.model.enqueue("A flag.")
    content = sample_files.picture(size=(300, 200))
    async with harness.running():
        shared = harness.workspace.share(harness.ana, "cat.png", content, "image/png")
        await ask(harness, "what is this?", shared)
    database = harness.folder / "slackbot.db"
    assert b'"name":"cat.png"' in database.read_bytes()
    assert content[:50] not in database.read_bytes()


async def test_a_picture_that_was_deleted(harness: BotHarness) -> None:
    """It leaves the history with the file, and nobody is told off for it later."""
    harness.model.enqueue("A flag.", "Fine.")
    async with harness.running():
        shared = cat(harness)
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[shared]
        )
        await harness.answered(question, "A flag.")
        await harness.service.bot.idle()
    harness.workspace.files.find(shared["id"]).deleted = True  # while nobody told the bot
    async with harness.running():
        assert await ask(harness, "thanks", thread=question.ts) == "Fine."
    request = harness.model.requests[-1]
    assert pictures(request, 1) == []
    assert text(request, 1).endswith("its content is not available]")


async def test_a_file_is_deleted_in_slack(harness: BotHarness) -> None:
    """Whoever deletes the file takes it out of the question, which is answered anew."""
    harness.model.enqueue("A flag.", "What do you mean?")
    async with harness.running():
        shared = cat(harness)
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} this?", files=[shared]
        )
        await harness.answered(question, "A flag.")
        await harness.service.bot.idle()
        await harness.workspace.delete_file(shared)
        await harness.answered(question, "What do you mean?")
    assert text(harness.model.requests[-1]) == "this?"


async def test_an_edit_keeps_the_picture(harness: BotHarness) -> None:
    """Who puts the question in other words still asks about the picture."""
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
    """An answer that is written anew, by this run or by the next, sees the picture again."""
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


async def refused(harness: BotHarness, *, names_it: bool) -> None:
    harness.model.rules = RequestRules(refuses=frozenset[Feature]({"image_url"}), names_it=names_it)
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue("I see nothing.", "Still nothing.", "Nor now.")
        answer = await ask(harness, "and this?", cat(harness), thread=root.ts)
        assert answer == f"I see nothing.\n\n⚠️ _{UNSEEN}_"
        assert await ask(harness, "really?", thread=root.ts) == "Still nothing."
        assert UNSEEN in await ask(harness, "and this?", cat(harness), thread=root.ts)
    requests = harness.model.requests
    assert [any(pictures(each, n) for n in range(len(each["messages"]))) for each in requests] == [
        False,
        True,
        False,
        False,
        False,
    ]
    assert text(requests[2]) == "and this?\n[file: cat.png]\n(You can't see pictures.)"


async def test_a_model_without_vision(harness: BotHarness) -> None:
    """The text is answered, the person is told once for each picture, and the model is not asked
    to look again.
    """
    await refused(harness, names_it=True)


async def test_a_model_without_vision_that_does_not_say_so(harness: BotHarness) -> None:
    """What fails for the first picture, on a server that has answered before, fails for it."""
    await refused(harness, names_it=False)


async def test_a_picture_that_is_not_allowed(harness: BotHarness) -> None:
    """What the provider does not allow is left out this time, and the person is told; the next
    picture is seen.
    """
    sentence = "Your input image may contain content that is not allowed by our safety system."
    harness.model.enqueue(fails(400, sentence, code="content_policy_violation"), "No.", "A flag.")
    async with harness.running():
        answer = await ask(harness, "what is this?", cat(harness))
        assert answer == f"No.\n\n⚠️ _{MEDIA_FORBIDDEN}_"
        assert await ask(harness, "and this?", cat(harness)) == "A flag."
    assert [len(pictures(request)) for request in harness.model.requests] == [1, 0, 1]


async def test_slack_tells_of_the_file_the_second_time(harness: BotHarness) -> None:
    """Where a mention comes without its file, the message of the same words brings it."""
    harness.model.enqueue(says("I see nothing").held(after=1), "A flag.")
    async with harness.running():
        harness.workspace.mention_first = True
        question = await harness.said_before(harness.ana, f"{harness.bot.mention} this?")
        await harness.answered(question, "I")
        question.files = [cat(harness)]
        await harness.workspace.deliver(event_payloads.posted(question, harness.general))
        await harness.answered(question, "A flag.")
    assert len(pictures(harness.model.requests[-1])) == 1


async def test_what_cannot_be_read_costs_a_sentence(harness: BotHarness) -> None:
    """One bad file of several: the rest are seen, and the person learns which one was bad."""
    harness.model.enqueue("A flag.")
    broken = harness.workspace.share(
        harness.ana, "dog_1.png", sample_files.picture()[:60], "image/png"
    )
    async with harness.running():
        answer = await ask(harness, "what is this?", broken, cat(harness))
    assert answer == (
        "A flag.\n\n⚠️ _“dog_1.png” can't be read: it is damaged, or not what its name says._"
    )
    (request,) = harness.model.requests
    assert len(pictures(request)) == 1
    assert "[file: dog_1.png, image/png, 60 bytes, its content" in text(request)


async def test_a_picture_counts_in_the_budget(harness: BotHarness) -> None:
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


async def test_a_picture_that_there_is_no_room_for(harness: BotHarness) -> None:
    """What is enclosed takes half of what the model reads at once; the rest is named."""
    harness.model.enqueue("Two.")
    big = [cat(harness, size=(1_024, 1_024)) for _ in range(3)]
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "8000"}):
        answer = await ask(harness, "how many?", *big)
    assert answer == "Two.\n\n⚠️ _There was no room left for “cat.png”._"
    assert len(pictures(harness.model.requests[-1])) == 2


async def test_in_slacks_own_streams(harness: BotHarness) -> None:
    """Sentences and quotations stand where they belong in a reply that only grows, too."""
    harness.model.media.transcript = "What is this?"
    memo = harness.workspace.share(harness.ana, "memo.m4a", sample_files.clip(), "audio/mp4")
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
