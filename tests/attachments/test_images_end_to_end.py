"""Pictures that people send, from Slack to the model, over the real wire."""

import base64
from collections.abc import Mapping
from typing import Any

from slackbot.llm.openai.model import FORBIDDEN
from slackbot.playground.fake_openai.request_checks import Quirk, Strictness
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack import event_payloads
from tests import sample_files
from tests.harness import Stage

UNSEEN = "This model can't see pictures: it was only told their names."


async def ask(stage: Stage, text: str, *files: Mapping[str, Any], thread: str | None = None) -> str:
    return (await stage.ask(text, *files, thread=thread))[1]


def cat(stage: Stage, **options: Any) -> dict[str, Any]:
    return stage.workspace.share(stage.ana, "cat.png", sample_files.picture(**options), "image/png")


def pictures(request: Mapping[str, Any], message: int = -1) -> list[bytes]:
    """Those that a request encloses in one of its messages."""
    content = request["messages"][message]["content"]
    parts = content if isinstance(content, list) else []
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


def text(request: Mapping[str, Any], message: int = -1) -> str:
    content = request["messages"][message]["content"]
    return str(content if isinstance(content, str) else content[0]["text"])


async def test_a_picture_is_seen(stage: Stage) -> None:
    """It reaches the model beside the text, with its name."""
    stage.model.enqueue("A flag.")
    async with stage.playing():
        assert await ask(stage, "what is this?", cat(stage)) == "A flag."
    (request,) = stage.model.requests
    assert text(request) == "what is this?\n[file: cat.png]"
    (sent,) = pictures(request)
    assert sample_files.colours(sent) == ("red", "blue")


async def test_a_picture_without_a_word(stage: Stage) -> None:
    """In a direct message a picture alone is a question."""
    direct = stage.workspace.direct_message(stage.ana)
    async with stage.playing():
        stage.model.enqueue("A flag.")
        question = await stage.workspace.say(stage.ana, direct, "", files=[cat(stage)])
        assert (await stage.finished(question)).shown == "A flag."
    (request,) = stage.model.requests
    assert text(request) == "[file: cat.png]"
    assert len(pictures(request)) == 1


async def test_pictures_of_earlier_messages(stage: Stage) -> None:
    """They are sent again, byte for byte the same, as the server's cache needs it; Slack is not
    asked for them more than once a minute.
    """
    stage.model.enqueue("A flag.", "Two.")
    async with stage.playing():
        question = await stage.workspace.say(
            stage.ana, stage.general, f"{stage.bot.mention} this?", files=[cat(stage)]
        )
        await stage.answered(question, "A flag.")
        await ask(stage, "how many colours?", thread=question.ts)
    first, second = stage.model.requests
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert pictures(second, 1) == pictures(first, 1) != []
    assert [call.method for call in stage.workspace.calls].count("files.info") == 1


async def test_pictures_of_a_thread_that_people_had(stage: Stage) -> None:
    """Whoever calls the bot into a thread need not send again what stands in it."""
    async with stage.playing():
        first = await stage.workspace.say(
            stage.ben, stage.general, "look at this", files=[cat(stage)]
        )
        stage.model.enqueue("A flag.")
        await ask(stage, "what is that?", thread=first.ts)
    (request,) = stage.model.requests
    assert len(pictures(request, 1)) == 1


async def test_the_history_keeps_a_reference(stage: Stage) -> None:
    """What is stored of a picture is its id, name, type and size: its content stays in Slack."""
    stage.model.enqueue("A flag.")
    content = sample_files.picture(size=(300, 200))
    async with stage.playing():
        shared = stage.workspace.share(stage.ana, "cat.png", content, "image/png")
        await ask(stage, "what is this?", shared)
    database = stage.folder / "slackbot.db"
    assert b'"name":"cat.png"' in database.read_bytes()
    assert content[:50] not in database.read_bytes()


async def test_a_picture_that_was_deleted(stage: Stage) -> None:
    """It leaves the history with the file, and nobody is told off for it later."""
    stage.model.enqueue("A flag.", "Fine.")
    async with stage.playing():
        shared = cat(stage)
        question = await stage.workspace.say(
            stage.ana, stage.general, f"{stage.bot.mention} this?", files=[shared]
        )
        await stage.answered(question, "A flag.")
        await stage.service.bot.idle()
    stage.workspace.files.find(shared["id"]).deleted = True  # while nobody told the bot
    async with stage.playing():
        assert await ask(stage, "thanks", thread=question.ts) == "Fine."
    request = stage.model.requests[-1]
    assert pictures(request, 1) == []
    assert text(request, 1).endswith("its content is not available]")


async def test_a_file_is_deleted_in_slack(stage: Stage) -> None:
    """Whoever deletes the file takes it out of the question, which is answered anew."""
    stage.model.enqueue("A flag.", "What do you mean?")
    async with stage.playing():
        shared = cat(stage)
        question = await stage.workspace.say(
            stage.ana, stage.general, f"{stage.bot.mention} this?", files=[shared]
        )
        await stage.answered(question, "A flag.")
        await stage.service.bot.idle()
        await stage.workspace.delete_file(shared)
        await stage.answered(question, "What do you mean?")
    assert text(stage.model.requests[-1]) == "this?"


async def test_an_edit_keeps_the_picture(stage: Stage) -> None:
    """Who puts the question in other words still asks about the picture."""
    stage.model.enqueue("A flag.", "Red and blue.")
    async with stage.playing():
        question = await stage.workspace.say(
            stage.ana, stage.general, f"{stage.bot.mention} this?", files=[cat(stage)]
        )
        await stage.answered(question, "A flag.")
        await stage.service.bot.idle()
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} its colours?")
        await stage.answered(question, "Red and blue.")
    assert text(stage.model.requests[-1]) == "its colours?\n[file: cat.png]"
    assert len(pictures(stage.model.requests[-1])) == 1


async def test_regenerated_and_after_a_crash(stage: Stage) -> None:
    """An answer that is written anew, by this run or by the next, sees the picture again."""
    stage.model.enqueue("A flag.", says("Two colours").held(after=1), "A red one.")
    async with stage.playing(grace=0.0):
        question = await stage.workspace.say(
            stage.ana, stage.general, f"{stage.bot.mention} this?", files=[cat(stage)]
        )
        await stage.answered(question, "A flag.")
        await stage.service.bot.idle()
        await stage.press(stage.ana, question, "again")
        await stage.model.until(lambda: len(stage.model.streams) == 2)
    async with stage.playing():
        await stage.answered(question, "A red one.")
    assert [len(pictures(request)) for request in stage.model.requests] == [1, 1, 1]


async def refused(stage: Stage, *, names_it: bool) -> None:
    stage.model.strictness = Strictness(refuses=frozenset[Quirk]({"image_url"}), names_it=names_it)
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        stage.model.enqueue("I see nothing.", "Still nothing.", "Nor now.")
        answer = await ask(stage, "and this?", cat(stage), thread=root.ts)
        assert answer == f"I see nothing.\n\n⚠️ _{UNSEEN}_"
        assert await ask(stage, "really?", thread=root.ts) == "Still nothing."
        assert UNSEEN in await ask(stage, "and this?", cat(stage), thread=root.ts)
    requests = stage.model.requests
    assert [any(pictures(each, n) for n in range(len(each["messages"]))) for each in requests] == [
        False,
        True,
        False,
        False,
        False,
    ]
    assert text(requests[2]) == "and this?\n[file: cat.png]\n(You can't see pictures.)"


async def test_a_model_without_vision(stage: Stage) -> None:
    """The text is answered, the person is told once for each picture, and the model is not asked
    to look again.
    """
    await refused(stage, names_it=True)


async def test_a_model_without_vision_that_does_not_say_so(stage: Stage) -> None:
    """What fails for the first picture, on a server that has answered before, fails for it."""
    await refused(stage, names_it=False)


async def test_a_picture_that_is_not_allowed(stage: Stage) -> None:
    """What the provider does not allow is left out this time, and the person is told; the next
    picture is seen.
    """
    sentence = "Your input image may contain content that is not allowed by our safety system."
    stage.model.enqueue(fails(400, sentence, code="content_policy_violation"), "No.", "A flag.")
    async with stage.playing():
        answer = await ask(stage, "what is this?", cat(stage))
        assert answer == f"No.\n\n⚠️ _{FORBIDDEN}_"
        assert await ask(stage, "and this?", cat(stage)) == "A flag."
    assert [len(pictures(request)) for request in stage.model.requests] == [1, 0, 1]


async def test_slack_tells_of_the_file_the_second_time(stage: Stage) -> None:
    """Where a mention comes without its file, the message of the same words brings it."""
    stage.model.enqueue(says("I see nothing").held(after=1), "A flag.")
    async with stage.playing():
        stage.workspace.mention_first = True
        question = await stage.said_before(stage.ana, f"{stage.bot.mention} this?")
        await stage.answered(question, "I")
        question.files = [cat(stage)]
        await stage.workspace.deliver(event_payloads.posted(question, stage.general))
        await stage.answered(question, "A flag.")
    assert len(pictures(stage.model.requests[-1])) == 1


async def test_what_cannot_be_read_costs_a_sentence(stage: Stage) -> None:
    """One bad file of several: the rest are seen, and the person learns which one was bad."""
    stage.model.enqueue("A flag.")
    broken = stage.workspace.share(stage.ana, "dog_1.png", sample_files.picture()[:60], "image/png")
    async with stage.playing():
        answer = await ask(stage, "what is this?", broken, cat(stage))
    assert answer == (
        "A flag.\n\n⚠️ _“dog_1.png” can't be read: it is damaged, or not what its name says._"
    )
    (request,) = stage.model.requests
    assert len(pictures(request)) == 1
    assert "[file: dog_1.png, image/png, 60 bytes, its content" in text(request)


async def test_a_picture_counts_in_the_budget(stage: Stage) -> None:
    """Turns with pictures are left out when they no longer fit the context."""
    async with stage.playing({"OPENAI_CONTEXT_TOKENS": "4000"}):
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        for name in ("one", "two", "three"):
            stage.model.enqueue(name)
            big = cat(stage, size=(1_024, 1_024))
            assert await ask(stage, name, big, thread=root.ts) == name
            await stage.service.bot.idle()
    counts = [
        sum(len(pictures(each, n)) for n in range(len(each["messages"])))
        for each in stage.model.requests
    ]
    assert counts == [0, 1, 2, 1]


async def test_a_picture_that_there_is_no_room_for(stage: Stage) -> None:
    """What is enclosed takes half of what the model reads at once; the rest is named."""
    stage.model.enqueue("Two.")
    big = [cat(stage, size=(1_024, 1_024)) for _ in range(3)]
    async with stage.playing({"OPENAI_CONTEXT_TOKENS": "8000"}):
        answer = await ask(stage, "how many?", *big)
    assert answer == "Two.\n\n⚠️ _There was no room left for “cat.png”._"
    assert len(pictures(stage.model.requests[-1])) == 2


async def test_in_slacks_own_streams(stage: Stage) -> None:
    """Sentences and quotations stand where they belong in a reply that only grows, too."""
    stage.model.media.transcript = "What is this?"
    memo = stage.workspace.share(stage.ana, "memo.m4a", sample_files.clip(), "audio/mp4")
    broken = stage.workspace.share(stage.ana, "dog.png", sample_files.picture()[:60], "image/png")
    stage.model.enqueue("A flag.")
    changes = {"SLACKBOT_STREAMING": "native", "OPENAI_TRANSCRIBE_MODEL": "listener"}
    async with stage.playing(changes):
        answer = await ask(stage, "", memo, broken)
    assert answer == (
        "> 🎤 What is this?\n\nA flag.\n\n"
        "⚠️ _“dog.png” can't be read: it is damaged, or not what its name says._"
    )
    methods = [call.method for call in stage.workspace.calls]
    assert methods.count("chat.startStream") == 1
    assert methods.count("chat.update") == 0
