"""What people say aloud, from Slack to the model, over the real wire."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from slackbot.attachments.notices import GOES_ON
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack.messages import state
from tests import sample_files
from tests.harness import Stage

HEARD = "What is the capital of France?"


@asynccontextmanager
async def listening(stage: Stage, **environment: str) -> AsyncIterator[None]:
    stage.model.media.transcript = HEARD
    async with stage.playing({"OPENAI_TRANSCRIBE_MODEL": "listener", **environment}):
        yield


def memo(stage: Stage, content: bytes = b"", name: str = "memo.m4a") -> dict[str, Any]:
    return stage.workspace.share(stage.ana, name, content or sample_files.clip(), "audio/mp4")


def asked(stage: Stage, request: int = -1, message: int = -1) -> Any:
    return stage.model.requests[request]["messages"][message]["content"]


async def test_a_question_that_is_spoken(stage: Stage) -> None:
    """It is written down, shown above the answer, and answered."""
    stage.model.enqueue("Paris.")
    direct = stage.workspace.direct_message(stage.ana)
    async with listening(stage):
        question = await stage.workspace.say(stage.ana, direct, "", files=[memo(stage)])
        assert (await stage.finished(question)).shown == f"> 🎤 {HEARD}\n\nParis."
    assert asked(stage) == f"[spoken] {HEARD}"
    (recording,) = stage.model.media.recordings
    assert sample_files.length(recording) == pytest.approx(2, abs=0.2)


async def test_the_history_keeps_the_words(stage: Stage) -> None:
    """A recording is listened to once; later requests, and later runs, know what was said."""
    stage.model.enqueue("Paris.", "Berlin.", "Madrid.")
    async with listening(stage):
        question, answer = await stage.ask("", memo(stage))
        assert answer == f"> 🎤 {HEARD}\n\nParis."
        _, answer = await stage.ask("and of Germany?", thread=question.ts)
        assert answer == "Berlin."
        await stage.service.bot.idle()
    async with listening(stage):
        await stage.ask("and of Spain?", thread=question.ts)
    assert len(stage.model.media.recordings) == 1
    assert [message["content"] for message in stage.model.requests[-1]["messages"][1:]] == [
        f"[spoken] {HEARD}",
        "Paris.",
        "and of Germany?",
        "Berlin.",
        "and of Spain?",
    ]


async def test_an_answer_is_written_anew(stage: Stage) -> None:
    """The words stay above it, and are not asked for again."""
    stage.model.enqueue("Paris.", "Paris, of course.")
    async with listening(stage):
        question, _ = await stage.ask("", memo(stage))
        await stage.press(stage.ana, question, "again")
        await stage.answered(question, f"> 🎤 {HEARD}\n\nParis, of course.")
    assert len(stage.model.media.recordings) == 1


async def test_an_edit_keeps_the_words(stage: Stage) -> None:
    """Who adds something in writing need not say the rest again."""
    stage.model.enqueue("Paris.", "Paris!")
    async with listening(stage):
        question, _ = await stage.ask("", memo(stage))
        await stage.service.bot.idle()
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} Shout!")
        await stage.answered(question, f"> 🎤 {HEARD}\n\nParis!")
    assert asked(stage) == f"Shout!\n[spoken] {HEARD}"
    assert len(stage.model.media.recordings) == 1


async def test_what_is_spoken_pings_nobody(stage: Stage) -> None:
    """What somebody says aloud, line after line, ends neither its quotation nor anybody's peace."""
    stage.model.enqueue("Aye.")
    async with listening(stage):
        stage.model.media.transcript = "Tell <!channel>\n\n@everyone now"
        question, answer = await stage.ask("", memo(stage))
    lines = [line.replace("\u2060", "") for line in answer.splitlines()]
    assert lines == ["> 🎤 Tell <!channel>", "> @everyone now", "", "Aye."]
    assert "<!channel>" not in answer
    assert "@everyone" not in answer
    assert question


async def test_the_bot_joins_a_thread_of_its_own(stage: Stage) -> None:
    """Its earlier answers are remembered as it wrote them, without the quotation."""
    async with stage.playing():
        root = await stage.said_before(stage.ana, "hello")
        await stage.workspace.say(stage.ana, stage.general, "hm", thread=root.ts)
        text = f"> 🎤 {HEARD}\n\nParis.\n\n⚠️ _Stopped here._"
        stage.workspace.post(
            stage.bot,
            stage.general,
            state("", [{"type": "markdown", "text": text}]),
            thread_ts=root.ts,
        )
        stage.model.enqueue("Aye.")
        await stage.ask("still there?", thread=root.ts)
    assert ("assistant", "", "Paris.") in stage.history()


async def test_a_model_that_hears(stage: Stage) -> None:
    """An audio model is sent the recording as it is, in each request, and nothing is quoted."""
    stage.model.enqueue("Paris.", "Berlin.")
    async with listening(stage, OPENAI_MODEL="gpt-audio-1.5"):
        question, answer = await stage.ask("", memo(stage, sample_files.clip("webm"), "clip.webm"))
        assert answer == "Paris."
        await stage.ask("and of Germany?", thread=question.ts)
    for request in (0, 1):
        text, sound = asked(stage, request, 1)
        assert text["text"] == "[file: clip.webm]"
        assert sound["input_audio"]["format"] == "mp3"
        recording = base64.b64decode(sound["input_audio"]["data"])
        assert sample_files.length(recording) == pytest.approx(2, abs=0.2)
    assert not stage.model.media.recordings


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
async def test_nobody_can_listen(stage: Stage, environment: Mapping[str, str], why: str) -> None:
    """The text is answered, and the person learns why the recording was not heard."""
    stage.model.enqueue("I can't hear you.")
    stage.model.media.failures.append(fails(404, code="model_not_found"))
    async with listening(stage, **environment):
        _, answer = await stage.ask("Listen!", memo(stage))
    note = f"⚠️ _I could not listen to “memo.m4a”. {why} Please tell an admin._"
    assert answer == f"I can't hear you.\n\n{note}"
    assert asked(stage).startswith("Listen!\n[file: memo.m4a, audio/mp4, ")


async def test_nothing_is_said(stage: Stage) -> None:
    """A recording in which nobody speaks is no question."""
    stage.model.enqueue("Hm?")
    async with listening(stage):
        stage.model.media.transcript = " "
        _, answer = await stage.ask("Listen!", memo(stage))
    assert answer == "Hm?\n\n⚠️ _I heard nobody speak in “memo.m4a”._"


async def test_once_is_enough(stage: Stage) -> None:
    """Silence is listened to once, and so is what could not be heard when its turn was answered."""
    async with listening(stage):
        stage.model.enqueue("Hm?", "Eh?", "Aye.", "Paris.", "Still Paris.")
        stage.model.media.transcript = " "
        silent, _ = await stage.ask("Listen!", memo(stage))
        await stage.ask("And now?", thread=silent.ts)
        assert len(stage.model.media.recordings) == 1
        stage.model.media.transcript = HEARD
        stage.model.media.failures.append(fails(400))
        question, _ = await stage.ask("Listen!", memo(stage))
        for again in ("And now?", "Really?"):
            await stage.ask(again, thread=question.ts)
            assert asked(stage, message=1) == f"Listen!\n[spoken] {HEARD}"
    assert len(stage.model.media.recordings) == 2


async def test_an_hour(stage: Stage) -> None:
    """Of a recording of an hour the beginning is heard, and both the model and the person know."""
    stage.model.enqueue("I see.")
    async with listening(stage):
        _, answer = await stage.ask("Listen!", memo(stage, sample_files.hour()), patience=50)
    assert answer.endswith(
        "I see.\n\n⚠️ _“memo.m4a” is long: I listened to the first 20 minutes of it._"
    )
    assert asked(stage) == f"Listen!\n[spoken] {HEARD}\n{GOES_ON}"


async def test_stop_while_it_writes(stage: Stage) -> None:
    """What was understood stays above what was written."""
    stage.model.enqueue(says("Paris is").held(after=1))
    async with listening(stage):
        question = await stage.workspace.say(
            stage.ana, stage.general, stage.bot.mention, files=[memo(stage)]
        )
        await stage.answered(question, f"> 🎤 {HEARD}\n\nParis")
        await stage.press(stage.ana, question, "stop")
        await stage.answered(question, f"> 🎤 {HEARD}\n\nParis\n\n⚠️ _Stopped here._")
