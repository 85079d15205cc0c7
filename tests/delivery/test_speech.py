"""Answers that are said aloud, over the real wire."""

import wave
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.delivery.speech import MAX_SPOKEN_CHARACTERS, speakable_text, to_wav
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.playground.fake_openai.chat_completion import SILENT_AUDIO
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.store import open_store
from tests import sample_files
from tests.harness import BotHarness

HEARD = "What is the capital of France?"
SPEAKING = {"OPENAI_TRANSCRIBE_MODEL": "listener", "OPENAI_SPEECH_MODEL": "speaker"}
AUDIO = {"OPENAI_MODEL": "gpt-audio-1.5"}


def memo(harness: BotHarness) -> dict[str, Any]:
    harness.model.media.transcript = HEARD
    return harness.workspace.share(harness.ana, "memo.m4a", sample_files.recording(), "audio/mp4")


async def sound(harness: BotHarness, question: PostedMessage) -> tuple[str, bytes]:
    """The name and the content of the file under an answer, as soon as it is there."""
    await harness.workspace.until(lambda: any(each.files for each in harness.answers(question)))
    (message,) = [each for each in harness.answers(question) if each.files]
    (file,) = message.files
    return file["name"], harness.workspace.files.find(file["id"]).content


async def test_a_spoken_question_gets_a_spoken_answer(harness: BotHarness) -> None:
    """The text comes as always; what it says is added to the thread, without its signs."""
    harness.model.enqueue("**Paris**, of [course](https://a.b).\n\n```py\nprint()\n```\nBye.")
    async with harness.running(SPEAKING):
        question, answer = await harness.ask("", memo(harness))
        assert answer.startswith(f"> 🎤 {HEARD}\n\n**Paris**")
        assert await sound(harness, question) == ("answer.mp3", harness.model.media.speech)
    (said,) = harness.model.media.spoken_texts
    assert said == "Paris, of course.\n\n(There is code here: see the written answer.)\nBye."


async def test_a_written_question_gets_a_written_answer(harness: BotHarness) -> None:
    """Only an answer to a voice message is spoken, and a regenerated one is not."""
    harness.model.enqueue("Paris.", "Berlin.", "Bonn.")
    async with harness.running(SPEAKING):
        question, _ = await harness.ask("", memo(harness))
        await sound(harness, question)
        follow_up, _ = await harness.ask("and of Germany?", thread=question.ts)
        await harness.press(harness.ana, question, "again")
        await harness.workspace.until(
            lambda: "Bonn." in [a.shown for a in harness.answers(follow_up)]
        )
        await harness.service.bot.idle()
    assert len(harness.model.media.spoken_texts) == 1


async def test_no_model_speaks(harness: BotHarness) -> None:
    """Without OPENAI_SPEECH_MODEL there is no sound."""
    harness.model.enqueue("Paris.")
    async with harness.running({"OPENAI_TRANSCRIBE_MODEL": "listener"}):
        question, _ = await harness.ask("", memo(harness))
    assert [bool(each.files) for each in harness.answers(question)] == [False]


@pytest.mark.parametrize("lacking", ["model", "scope"])
async def test_a_sound_that_fails(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, lacking: str
) -> None:
    """The written answer is whole whatever becomes of the spoken one."""
    harness.model.enqueue("Paris.")
    if lacking == "scope":
        harness.workspace.scopes.remove("files:write")
    async with harness.running(SPEAKING):
        question = await harness.workspace.say(
            harness.ana, harness.general, harness.bot.mention, files=[memo(harness)]
        )
        await harness.model.until(lambda: bool(harness.model.media.recordings))
        if lacking == "model":
            harness.model.media.failures.append(fails(400, "no such voice"))
        await harness.answered(question, f"> 🎤 {HEARD}\n\nParis.")
    assert "is not spoken" in caplog.text
    assert "Paris" not in caplog.text


async def test_an_answer_cut_short(harness: BotHarness) -> None:
    """A stopped answer is not spoken."""
    harness.model.enqueue(says("Paris is").held(after=1))
    async with harness.running(SPEAKING):
        question = await harness.workspace.say(
            harness.ana, harness.general, harness.bot.mention, files=[memo(harness)]
        )
        await harness.stop(harness.ana, question)
        await harness.finished(question)
        await harness.service.bot.idle()
    assert not harness.model.media.spoken_texts


async def test_a_model_that_speaks(harness: BotHarness) -> None:
    """Its own voice is added; afterwards the answer is sent by the id of its sound."""
    harness.model.enqueue("It is Paris.", "Berlin.")
    async with harness.running(AUDIO):
        question, answer = await harness.ask("", memo(harness))
        assert answer == "It is Paris."
        name, content = await sound(harness, question)
        await harness.ask("and of Germany?", thread=question.ts)
    assert name == "answer.wav"
    with wave.open(BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.readframes(file.getnframes()) == 3 * SILENT_AUDIO
    first, second = harness.model.requests
    assert first["modalities"] == ["text", "audio"]
    assert "modalities" not in second
    (voice,) = harness.model.media.audio_expiry
    assert second["messages"][2] == {"role": "assistant", "audio": {"id": voice}}


async def test_a_channel_in_which_all_is_said_aloud(harness: BotHarness) -> None:
    """Speech that an admin has switched on applies to written questions too."""
    store = await open_store(harness.environment["DATABASE_URL"])
    scope = Scope(TeamId(harness.workspace.team.team_id), ChannelId(harness.general.id))
    await store.add_revision(
        scope, SettingsChange(UserId("U1"), ScopeSettings(extras=("speech",)), after=0)
    )
    await store.close()
    harness.model.enqueue("Paris.")
    async with harness.running(SPEAKING):
        question, answer = await harness.ask("the capital of France?")
        assert answer == "Paris."
        assert await sound(harness, question) == ("answer.mp3", harness.model.media.speech)
    assert harness.model.media.spoken_texts == ["Paris."]


async def test_audio_references_expire(harness: BotHarness) -> None:
    """Once the server has forgotten the sound, or says so earlier, the transcript is sent."""
    harness.model.enqueue("It is Paris.", "Berlin.")
    async with harness.running(AUDIO):
        question, _ = await harness.ask("", memo(harness))
        await harness.service.bot.idle()
        harness.model.media.audio_expiry.clear()
        await harness.ask("and of Germany?", thread=question.ts)
    assert harness.model.requests[-1]["messages"][2] == {
        "role": "assistant",
        "content": "It is Paris.",
    }


async def test_a_written_question_to_an_audio_model(harness: BotHarness) -> None:
    """It insists on sound in a request, so it is asked to speak; nobody has to listen."""
    harness.model.enqueue("Ahoy.")
    async with harness.running(AUDIO):
        question, answer = await harness.ask("hello")
        assert answer == "Ahoy."
        await harness.service.bot.idle()
    assert not any(each.files for each in harness.answers(question))


@given(st.text())
def test_speakable_text_is_short_enough(text: str) -> None:
    """However long a text is, what is said of it is no longer than a model takes."""
    assert len(speakable_text(text * 3_000)) <= MAX_SPOKEN_CHARACTERS


def test_a_long_answer_ends_with_a_sentence() -> None:
    """A text that is too long to be said is said up to the end of a sentence."""
    said = speakable_text("This is one. " * 1_000)
    assert said.endswith("This is one.")


@given(st.binary().map(lambda sound: sound[: len(sound) // 2 * 2]))
def test_a_wav_file(sound: bytes) -> None:
    """The file holds the samples unchanged."""
    with wave.open(BytesIO(to_wav(sound))) as file:
        assert file.readframes(file.getnframes()) == sound
