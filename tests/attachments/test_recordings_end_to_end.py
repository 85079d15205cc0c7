"""What people say aloud, from Slack to the model, over the real wire."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from slackbot.attachments.notices import GOES_ON
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack.messages import new_version
from tests import sample_files
from tests.harness import BotHarness

HEARD = "What is the capital of France?"


@asynccontextmanager
async def listening(harness: BotHarness, **environment: str) -> AsyncIterator[None]:
    harness.model.media.transcript = HEARD
    async with harness.running({"OPENAI_TRANSCRIBE_MODEL": "listener", **environment}):
        yield


def memo(harness: BotHarness, content: bytes = b"", name: str = "memo.m4a") -> dict[str, Any]:
    return harness.workspace.share(harness.ana, name, content or sample_files.clip(), "audio/mp4")


def asked(harness: BotHarness, request: int = -1, message: int = -1) -> Any:
    return harness.model.requests[request]["messages"][message]["content"]


async def test_a_question_that_is_spoken(harness: BotHarness) -> None:
    """It is written down, shown above the answer, and answered."""
    harness.model.enqueue("Paris.")
    direct = harness.workspace.direct_message(harness.ana)
    async with listening(harness):
        question = await harness.workspace.say(harness.ana, direct, "", files=[memo(harness)])
        assert (await harness.finished(question)).shown == f"> 🎤 {HEARD}\n\nParis."
    assert asked(harness) == f"[spoken] {HEARD}"
    (recording,) = harness.model.media.recordings
    assert sample_files.length(recording) == pytest.approx(2, abs=0.2)


async def test_the_history_keeps_the_words(harness: BotHarness) -> None:
    """A recording is listened to once; later requests, and later runs, know what was said."""
    harness.model.enqueue("Paris.", "Berlin.", "Madrid.")
    async with listening(harness):
        question, answer = await harness.ask("", memo(harness))
        assert answer == f"> 🎤 {HEARD}\n\nParis."
        _, answer = await harness.ask("and of Germany?", thread=question.ts)
        assert answer == "Berlin."
        await harness.service.bot.idle()
    async with listening(harness):
        await harness.ask("and of Spain?", thread=question.ts)
    assert len(harness.model.media.recordings) == 1
    assert [message["content"] for message in harness.model.requests[-1]["messages"][1:]] == [
        f"[spoken] {HEARD}",
        "Paris.",
        "and of Germany?",
        "Berlin.",
        "and of Spain?",
    ]


async def test_an_answer_is_written_anew(harness: BotHarness) -> None:
    """The words stay above it, and are not asked for again."""
    harness.model.enqueue("Paris.", "Paris, of course.")
    async with listening(harness):
        question, _ = await harness.ask("", memo(harness))
        await harness.press(harness.ana, question, "again")
        await harness.answered(question, f"> 🎤 {HEARD}\n\nParis, of course.")
    assert len(harness.model.media.recordings) == 1


async def test_an_edit_keeps_the_words(harness: BotHarness) -> None:
    """Who adds something in writing need not say the rest again."""
    harness.model.enqueue("Paris.", "Paris!")
    async with listening(harness):
        question, _ = await harness.ask("", memo(harness))
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} Shout!")
        await harness.answered(question, f"> 🎤 {HEARD}\n\nParis!")
    assert asked(harness) == f"Shout!\n[spoken] {HEARD}"
    assert len(harness.model.media.recordings) == 1


async def test_what_is_spoken_pings_nobody(harness: BotHarness) -> None:
    """What somebody says aloud, line after line, ends neither its quotation nor anybody's peace."""
    harness.model.enqueue("Aye.")
    async with listening(harness):
        harness.model.media.transcript = "Tell <!channel>\n\n@everyone now"
        question, answer = await harness.ask("", memo(harness))
    lines = [line.replace("\u2060", "") for line in answer.splitlines()]
    assert lines == ["> 🎤 Tell <!channel>", "> @everyone now", "", "Aye."]
    assert "<!channel>" not in answer
    assert "@everyone" not in answer
    assert question


async def test_the_bot_joins_a_thread_of_its_own(harness: BotHarness) -> None:
    """Its earlier answers are remembered as it wrote them, without the quotation."""
    async with harness.running():
        root = await harness.said_before(harness.ana, "hello")
        await harness.workspace.say(harness.ana, harness.general, "hm", thread=root.ts)
        text = f"> 🎤 {HEARD}\n\nParis.\n\n⚠️ _Stopped here._"
        harness.workspace.post(
            harness.bot,
            harness.general,
            new_version("", [{"type": "markdown", "text": text}]),
            thread_ts=root.ts,
        )
        harness.model.enqueue("Aye.")
        await harness.ask("still there?", thread=root.ts)
    assert ("assistant", "", "Paris.") in harness.history()


async def test_a_model_that_hears(harness: BotHarness) -> None:
    """An audio model is sent the recording as it is, in each request, and nothing is quoted."""
    harness.model.enqueue("Paris.", "Berlin.")
    async with listening(harness, OPENAI_MODEL="gpt-audio-1.5"):
        question, answer = await harness.ask(
            "", memo(harness, sample_files.clip("webm"), "clip.webm")
        )
        assert answer == "Paris."
        await harness.ask("and of Germany?", thread=question.ts)
    for request in (0, 1):
        text, sound = asked(harness, request, 1)
        assert text["text"] == "[file: clip.webm]"
        assert sound["input_audio"]["format"] == "mp3"
        recording = base64.b64decode(sound["input_audio"]["data"])
        assert sample_files.length(recording) == pytest.approx(2, abs=0.2)
    assert not harness.model.media.recordings


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        (
            {"OPENAI_TRANSCRIBE_MODEL": ""},
            "No model is set here that could listen (OPENAI_TRANSCRIBE_MODEL).",
        ),
        (
            {},
            "The model “listener” does not exist, or this bot may not use it.",
        ),
    ],
)
async def test_nobody_can_listen(
    harness: BotHarness, environment: Mapping[str, str], why: str
) -> None:
    """The text is answered, and the person learns why the recording was not heard."""
    harness.model.enqueue("I can't hear you.")
    harness.model.media.failures.append(fails(404, code="model_not_found"))
    async with listening(harness, **environment):
        _, answer = await harness.ask("Listen!", memo(harness))
    note = f"⚠️ _I could not listen to “memo.m4a”. {why} Please tell an admin._"
    assert answer == f"I can't hear you.\n\n{note}"
    assert asked(harness).startswith("Listen!\n[file: memo.m4a, audio/mp4, ")


async def test_nothing_is_said(harness: BotHarness) -> None:
    """A recording in which nobody speaks is no question."""
    harness.model.enqueue("Hm?")
    async with listening(harness):
        harness.model.media.transcript = " "
        _, answer = await harness.ask("Listen!", memo(harness))
    assert answer == "Hm?\n\n⚠️ _I heard nobody speak in “memo.m4a”._"


async def test_once_is_enough(harness: BotHarness) -> None:
    """Silence is listened to once, and so is what could not be heard when its turn was answered."""
    async with listening(harness):
        harness.model.enqueue("Hm?", "Eh?", "Aye.", "Paris.", "Still Paris.")
        harness.model.media.transcript = " "
        silent, _ = await harness.ask("Listen!", memo(harness))
        await harness.ask("And now?", thread=silent.ts)
        assert len(harness.model.media.recordings) == 1
        harness.model.media.transcript = HEARD
        harness.model.media.failures.append(fails(400))
        question, _ = await harness.ask("Listen!", memo(harness))
        for again in ("And now?", "Really?"):
            await harness.ask(again, thread=question.ts)
            assert asked(harness, message=1) == f"Listen!\n[spoken] {HEARD}"
    assert len(harness.model.media.recordings) == 2


async def test_an_hour(harness: BotHarness) -> None:
    """Of a recording of an hour the beginning is heard, and both the model and the person know."""
    harness.model.enqueue("I see.")
    async with listening(harness):
        _, answer = await harness.ask("Listen!", memo(harness, sample_files.hour()), patience=50)
    assert answer.endswith(
        "I see.\n\n⚠️ _“memo.m4a” is long: I listened to the first 20 minutes of it._"
    )
    assert asked(harness) == f"Listen!\n[spoken] {HEARD}\n{GOES_ON}"


async def test_stop_while_it_writes(harness: BotHarness) -> None:
    """What was understood stays above what was written."""
    harness.model.enqueue(says("Paris is").held(after=1))
    async with listening(harness):
        question = await harness.workspace.say(
            harness.ana, harness.general, harness.bot.mention, files=[memo(harness)]
        )
        await harness.answered(question, f"> 🎤 {HEARD}\n\nParis")
        await harness.press(harness.ana, question, "stop")
        await harness.answered(question, f"> 🎤 {HEARD}\n\nParis\n\n⚠️ _Stopped here._")
