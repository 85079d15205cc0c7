from collections.abc import Mapping

import pytest

from slackbot.attachments.texts import RECORDING_CONTINUES
from slackbot.playground.fake_openai.script import fails
from tests import sample_files
from tests.attachments.helpers import TRANSCRIPT, asked_content, memo, transcribing
from tests.harness import BotHarness


async def test_each_recording_once(harness: BotHarness) -> None:
    """Silence is transcribed once, and so is a recording that failed when its turn was answered."""
    async with transcribing(harness):
        harness.model.enqueue("Hm?", "Eh?", "Aye.", "Paris.", "Still Paris.")
        harness.model.media.transcript = " "
        silent, _ = await harness.ask("Listen!", memo(harness))
        await harness.ask("And now?", thread=silent.ts)
        assert len(harness.model.media.recordings) == 1
        harness.model.media.transcript = TRANSCRIPT
        harness.model.media.failures.append(fails(400))
        question, _ = await harness.ask("Listen!", memo(harness))
        for again in ("And now?", "Really?"):
            await harness.ask(again, thread=question.ts)
            assert asked_content(harness, message=1) == f"Listen!\n[spoken] {TRANSCRIPT}"
    assert len(harness.model.media.recordings) == 2


async def test_silence(harness: BotHarness) -> None:
    """A recording in which nobody speaks has a note."""
    harness.model.enqueue("Hm?")
    async with transcribing(harness):
        harness.model.media.transcript = " "
        _, answer = await harness.ask("Listen!", memo(harness))
    assert answer == "Hm?\n\n⚠️ _I heard nobody speak in “memo.m4a”._"


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (
            {"OPENAI_TRANSCRIBE_MODEL": ""},
            "This bot has no model that can listen (OPENAI_TRANSCRIBE_MODEL).",
        ),
        (
            {},
            "The model “listener” does not exist, or this bot may not use it.",
        ),
    ],
)
async def test_no_transcript(
    harness: BotHarness, environment: Mapping[str, str], reason: str
) -> None:
    """If a recording can't be transcribed, the text is answered, with a note that says why."""
    harness.model.enqueue("I can't hear you.")
    harness.model.media.failures.append(fails(404, code="model_not_found"))
    async with transcribing(harness, **environment):
        _, answer = await harness.ask("Listen!", memo(harness))
    note = f"⚠️ _I could not listen to “memo.m4a”. {reason} Please tell an admin._"
    assert answer == f"I can't hear you.\n\n{note}"
    assert asked_content(harness).startswith("Listen!\n[file: memo.m4a, audio/mp4, ")


async def test_hour(harness: BotHarness) -> None:
    """Only the beginning of an hour is transcribed, and both the model and the person are told."""
    harness.model.enqueue("I see.")
    async with transcribing(harness):
        _, answer = await harness.ask(
            "Listen!", memo(harness, sample_files.hour_long_mp3()), patience=50
        )
    assert answer.endswith(
        "I see.\n\n⚠️ _“memo.m4a” is long: I listened to the first 20 minutes of it._"
    )
    assert asked_content(harness) == f"Listen!\n[spoken] {TRANSCRIPT}\n{RECORDING_CONTINUES}"
