"""Recordings, from Slack to the model, over the real protocols of both."""

import base64

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.messages import new_version
from tests import sample_files
from tests.attachments.helpers import TRANSCRIPT, asked_content, memo, transcribing
from tests.harness import BotHarness


async def test_spoken_question(harness: BotHarness) -> None:
    """A spoken question is transcribed, quoted above the answer, and answered."""
    harness.model.enqueue("Paris.")
    direct = harness.workspace.direct_message(harness.ana)
    async with transcribing(harness):
        question = await harness.workspace.say(harness.ana, direct, "", files=[memo(harness)])
        assert (await harness.finished(question)).shown == f"> 🎤 {TRANSCRIPT}\n\nParis."
    assert asked_content(harness) == f"[spoken] {TRANSCRIPT}"
    (recording,) = harness.model.media.recordings
    assert sample_files.duration_seconds(recording) == pytest.approx(2, abs=0.2)


async def test_transcript_is_stored(harness: BotHarness) -> None:
    """A recording is transcribed once, and later requests use the stored transcript."""
    harness.model.enqueue("Paris.", "Berlin.", "Madrid.")
    async with transcribing(harness):
        question, answer = await harness.ask("", memo(harness))
        assert answer == f"> 🎤 {TRANSCRIPT}\n\nParis."
        _, answer = await harness.ask("and of Germany?", thread=question.ts)
        assert answer == "Berlin."
        await harness.service.bot.idle()
    async with transcribing(harness):
        await harness.ask("and of Spain?", thread=question.ts)
    assert len(harness.model.media.recordings) == 1
    assert [message["content"] for message in harness.model.requests[-1]["messages"][1:]] == [
        f"[spoken] {TRANSCRIPT}",
        "Paris.",
        "and of Germany?",
        "Berlin.",
        "and of Spain?",
    ]


async def test_regenerated_answer(harness: BotHarness) -> None:
    """The quote stays above an answer that is regenerated, without a second transcription."""
    harness.model.enqueue("Paris.", "Paris, of course.")
    async with transcribing(harness):
        question, _ = await harness.ask("", memo(harness))
        await harness.press(harness.ana, question, "again")
        await harness.answered(question, f"> 🎤 {TRANSCRIPT}\n\nParis, of course.")
    assert len(harness.model.media.recordings) == 1


async def test_edit_keeps_the_transcript(harness: BotHarness) -> None:
    """An edited question keeps the transcript of its recording."""
    harness.model.enqueue("Paris.", "Paris!")
    async with transcribing(harness):
        question, _ = await harness.ask("", memo(harness))
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} Shout!")
        await harness.answered(question, f"> 🎤 {TRANSCRIPT}\n\nParis!")
    assert asked_content(harness) == f"Shout!\n[spoken] {TRANSCRIPT}"
    assert len(harness.model.media.recordings) == 1


async def test_transcript_mentions_nobody(harness: BotHarness) -> None:
    """A transcript can neither mention anybody nor end its own quote."""
    harness.model.enqueue("Aye.")
    async with transcribing(harness):
        harness.model.media.transcript = "Tell <!channel>\n\n@everyone now"
        question, answer = await harness.ask("", memo(harness))
    lines = [line.replace("\u2060", "") for line in answer.splitlines()]
    assert lines == ["> 🎤 Tell <!channel>", "> @everyone now", "", "Aye."]
    assert "<!channel>" not in answer
    assert "@everyone" not in answer
    assert question


async def test_own_answers_are_read_without_quotes(harness: BotHarness) -> None:
    """An answer that is read back from Slack has neither its quote nor its note."""
    async with harness.running():
        root = await harness.said_before(harness.ana, "hello")
        await harness.workspace.say(harness.ana, harness.general, "hm", thread=root.ts)
        text = f"> 🎤 {TRANSCRIPT}\n\nParis.\n\n⚠️ _Stopped here._"
        harness.workspace.post(
            harness.bot,
            harness.general,
            new_version("", [{"type": "markdown", "text": text}]),
            thread_ts=root.ts,
        )
        harness.model.enqueue("Aye.")
        await harness.ask("still there?", thread=root.ts)
    assert ("assistant", "", "Paris.") in harness.history()


async def test_model_that_accepts_audio(harness: BotHarness) -> None:
    """A model that accepts audio gets the recording in each request, and nothing is quoted."""
    harness.model.enqueue("Paris.", "Berlin.")
    async with transcribing(harness, OPENAI_MODEL="gpt-audio-1.5"):
        question, answer = await harness.ask(
            "", memo(harness, sample_files.recording("webm"), "clip.webm")
        )
        assert answer == "Paris."
        await harness.ask("and of Germany?", thread=question.ts)
    for request in (0, 1):
        text, sound = asked_content(harness, request, 1)
        assert text["text"] == "[file: clip.webm]"
        assert sound["input_audio"]["format"] == "mp3"
        recording = base64.b64decode(sound["input_audio"]["data"])
        assert sample_files.duration_seconds(recording) == pytest.approx(2, abs=0.2)
    assert not harness.model.media.recordings


async def test_stop(harness: BotHarness) -> None:
    """The quote stays above an answer that is stopped."""
    harness.model.enqueue(says("Paris is").held(after=1))
    async with transcribing(harness):
        question = await harness.workspace.say(
            harness.ana, harness.general, harness.bot.mention, files=[memo(harness)]
        )
        await harness.answered(question, f"> 🎤 {TRANSCRIPT}\n\nParis")
        await harness.stop(harness.ana, question)
        await harness.answered(question, f"> 🎤 {TRANSCRIPT}\n\nParis\n\n⚠️ _Stopped here._")
