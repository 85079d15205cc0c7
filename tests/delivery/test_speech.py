"""Answers that are said aloud, over the real wire."""

import wave
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.delivery.speech import LONGEST, as_wav, sayable
from slackbot.instructions.scopes import Scope, ScopeSettings
from slackbot.playground.fake_openai.chat_completion import SILENCE
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.store import open_store
from tests import sample_files
from tests.harness import Stage

HEARD = "What is the capital of France?"
SPEAKING = {"OPENAI_TRANSCRIBE_MODEL": "listener", "OPENAI_SPEECH_MODEL": "speaker"}
AUDIO = {"OPENAI_MODEL": "gpt-audio-1.5"}


def memo(stage: Stage) -> dict[str, Any]:
    stage.model.media.transcript = HEARD
    return stage.workspace.share(stage.ana, "memo.m4a", sample_files.clip(), "audio/mp4")


async def sound(stage: Stage, question: PostedMessage) -> tuple[str, bytes]:
    """The name and the content of the file under an answer, as soon as it is there."""
    await stage.workspace.until(lambda: any(each.files for each in stage.answers(question)))
    (message,) = [each for each in stage.answers(question) if each.files]
    (file,) = message.files
    return file["name"], stage.workspace.files.find(file["id"]).content


async def test_a_spoken_question_gets_a_spoken_answer(stage: Stage) -> None:
    """The text comes as always; what it says is added to the thread, without its signs."""
    stage.model.enqueue("**Paris**, of [course](https://a.b).\n\n```py\nprint()\n```\nBye.")
    async with stage.playing(SPEAKING):
        question, answer = await stage.ask("", memo(stage))
        assert answer.startswith(f"> 🎤 {HEARD}\n\n**Paris**")
        assert await sound(stage, question) == ("answer.mp3", stage.model.media.speech)
    (said,) = stage.model.media.texts
    assert said == "Paris, of course.\n\n(There is code here: see the written answer.)\nBye."


async def test_a_written_question_gets_a_written_answer(stage: Stage) -> None:
    """Nothing is said aloud to whom did not speak, nor once more when an answer is written anew."""
    stage.model.enqueue("Paris.", "Berlin.", "Bonn.")
    async with stage.playing(SPEAKING):
        question, _ = await stage.ask("", memo(stage))
        await sound(stage, question)
        follow_up, _ = await stage.ask("and of Germany?", thread=question.ts)
        await stage.press(stage.ana, question, "again")
        await stage.workspace.until(lambda: "Bonn." in [a.shown for a in stage.answers(follow_up)])
        await stage.service.bot.idle()
    assert len(stage.model.media.texts) == 1


async def test_no_model_speaks(stage: Stage) -> None:
    """Without OPENAI_SPEECH_MODEL there is no sound."""
    stage.model.enqueue("Paris.")
    async with stage.playing({"OPENAI_TRANSCRIBE_MODEL": "listener"}):
        question, _ = await stage.ask("", memo(stage))
    assert [bool(each.files) for each in stage.answers(question)] == [False]


@pytest.mark.parametrize("lacking", ["model", "scope"])
async def test_a_sound_that_fails(
    stage: Stage, caplog: pytest.LogCaptureFixture, lacking: str
) -> None:
    """The written answer is whole whatever becomes of the spoken one."""
    stage.model.enqueue("Paris.")
    if lacking == "scope":
        stage.workspace.scopes.remove("files:write")
    async with stage.playing(SPEAKING):
        question = await stage.workspace.say(
            stage.ana, stage.general, stage.bot.mention, files=[memo(stage)]
        )
        await stage.model.until(lambda: bool(stage.model.media.recordings))
        if lacking == "model":
            stage.model.media.failures.append(fails(400, "no such voice"))
        await stage.answered(question, f"> 🎤 {HEARD}\n\nParis.")
    assert "is not spoken" in caplog.text
    assert "Paris" not in caplog.text


async def test_an_answer_cut_short(stage: Stage) -> None:
    """What was stopped is not said aloud."""
    stage.model.enqueue(says("Paris is").held(after=1))
    async with stage.playing(SPEAKING):
        question = await stage.workspace.say(
            stage.ana, stage.general, stage.bot.mention, files=[memo(stage)]
        )
        await stage.press(stage.ana, question, "stop")
        await stage.finished(question)
        await stage.service.bot.idle()
    assert not stage.model.media.texts


async def test_a_model_that_speaks(stage: Stage) -> None:
    """Its own voice is added; afterwards the answer is sent by the id of its sound."""
    stage.model.enqueue("It is Paris.", "Berlin.")
    async with stage.playing(AUDIO):
        question, answer = await stage.ask("", memo(stage))
        assert answer == "It is Paris."
        name, content = await sound(stage, question)
        await stage.ask("and of Germany?", thread=question.ts)
    assert name == "answer.wav"
    with wave.open(BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.readframes(file.getnframes()) == 3 * SILENCE
    first, second = stage.model.requests
    assert first["modalities"] == ["text", "audio"]
    assert "modalities" not in second
    (voice,) = stage.model.media.voices
    assert second["messages"][2] == {"role": "assistant", "audio": {"id": voice}}


async def test_a_channel_in_which_all_is_said_aloud(stage: Stage) -> None:
    """What an admin has switched on holds for written questions too."""
    store = await open_store(stage.environment["DATABASE_URL"])
    scope = Scope(stage.workspace.team.team_id, stage.general.id)
    await store.amend(scope, "U1", ScopeSettings(extras=("speech",)), after=0)
    await store.close()
    stage.model.enqueue("Paris.")
    async with stage.playing(SPEAKING):
        question, answer = await stage.ask("the capital of France?")
        assert answer == "Paris."
        assert await sound(stage, question) == ("answer.mp3", stage.model.media.speech)
    assert stage.model.media.texts == ["Paris."]


async def test_what_was_said_expires(stage: Stage) -> None:
    """Once the server has forgotten the sound, or says so earlier, the transcript is sent."""
    stage.model.enqueue("It is Paris.", "Berlin.")
    async with stage.playing(AUDIO):
        question, _ = await stage.ask("", memo(stage))
        await stage.service.bot.idle()
        stage.model.media.voices.clear()
        await stage.ask("and of Germany?", thread=question.ts)
    assert stage.model.requests[-1]["messages"][2] == {
        "role": "assistant",
        "content": "It is Paris.",
    }


async def test_a_written_question_to_an_audio_model(stage: Stage) -> None:
    """It insists on sound in a request, so it is asked to speak; nobody has to listen."""
    stage.model.enqueue("Ahoy.")
    async with stage.playing(AUDIO):
        question, answer = await stage.ask("hello")
        assert answer == "Ahoy."
        await stage.service.bot.idle()
    assert not any(each.files for each in stage.answers(question))


@given(st.text())
def test_what_can_be_said(text: str) -> None:
    """However long a text is, what is said of it is no longer than a model takes."""
    assert len(sayable(text * 3_000)) <= LONGEST


def test_a_long_answer_ends_with_a_sentence() -> None:
    """A text that is too long to be said is said up to the end of a sentence."""
    said = sayable("This is one. " * 1_000)
    assert said.endswith("This is one.")


@given(st.binary().map(lambda sound: sound[: len(sound) // 2 * 2]))
def test_a_wav_file(sound: bytes) -> None:
    """What goes in comes out."""
    with wave.open(BytesIO(as_wav(sound))) as file:
        assert file.readframes(file.getnframes()) == sound
