"""What nobody foresaw: acknowledged, answered with a sentence where a person waits, logged in a
line, and nothing broken.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_slack import event_payloads
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.slack.buttons import FEEDBACK, PREFIX
from slackbot.turns.texts import UNKNOWN_ANSWER
from tests.harness import BotHarness

RIGHT_TO_LEFT = "\u202eמה שלומך?\u202c مرحبا"
ZERO_WIDTH = "zero\u200bwidth\u200d \u2066isolated\u2069 \ufefftext"


async def asked(harness: BotHarness, text: str, **more: Any) -> str:
    """What the model is asked when Ana says this; it is answered."""
    harness.model.enqueue("Ahoy")
    question = await harness.workspace.say(harness.ana, harness.general, text, **more)
    await harness.answered(question, "Ahoy")
    content: str = harness.model.requests[-1]["messages"][-1]["content"]
    return content


@asynccontextmanager
async def unharmed(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, lines: int
) -> AsyncIterator[None]:
    """A bot to which odd things are told: it acknowledges each, writes so many lines into its log,
    and answers the next question as if nothing had happened.
    """
    async with harness.running():
        with caplog.at_level(logging.INFO):
            yield
            await harness.all_acknowledged()
        logged = [each.getMessage() for each in caplog.records if "slackbot" in each.name]
        assert len(logged) == lines, logged
        assert not harness.model.requests
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])


async def test_a_message_of_40_000_characters(harness: BotHarness) -> None:
    """Slack's longest message reaches the model whole."""
    words = "word " * 8_000
    async with harness.running():
        assert await asked(harness, f"{harness.bot.mention} {words}") == words.strip()


async def test_a_message_that_no_model_reads(harness: BotHarness) -> None:
    """One that the model's server calls too long is answered with what to do."""
    harness.model.rules = RequestRules(context_limit=8_000)
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "2000"}):
        question = await harness.mention("word " * 7_990)
        sentence = "That is more than the model can read at once. Please send less text."
        await harness.answered(question, f"⚠️ _{sentence}_")
    assert len(harness.model.requests) == 1


async def test_a_message_that_only_seems_too_long(harness: BotHarness) -> None:
    """Whether a message is too long, the model's server says, and no estimate of the bot's."""
    words = "word " * 7_990
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "2000"}):
        assert await asked(harness, f"{harness.bot.mention} {words}") == words.strip()


async def test_200_files(harness: BotHarness) -> None:
    """Each file is named, and who sent them learns that they were not all read."""
    files = [
        harness.workspace.share(harness.ana, f"{n}.txt", b"", "text/plain") for n in range(200)
    ]
    async with harness.running():
        harness.model.enqueue("Ahoy")
        question = await harness.workspace.say(
            harness.ana, harness.general, f"{harness.bot.mention} look", files=files
        )
        answer = await harness.finished(question)
    ((_, _, text),) = harness.history()
    assert [line.partition(",")[0] for line in text.splitlines()] == [
        "look",
        *(f"[file: {n}.txt" for n in range(200)),
    ]
    assert "I read up to 10 files at a time, so I left out 190 more." in answer.shown


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ("nonsense", []),
        ([None, 7, []], []),
        ([{}], ["[file: unnamed, its content is not available]"]),
        ([{"id": 5, "name": ["a"], "size": "big"}], ["[file: unnamed, its content"]),
        (
            [{"id": "F404", "name": "a\nb<!channel>", "size": -1}],
            ["[file: a b !channel, its content"],
        ),
        ([{"id": "F1", "mode": "tombstone"}], []),
    ],
)
async def test_odd_files(harness: BotHarness, files: Any, lines: list[str]) -> None:
    """What Slack never says of a file costs no answer."""
    message = harness.workspace.post(
        harness.ana, harness.general, new_version(f"{harness.bot.mention} look"), files=[]
    )
    async with harness.running():
        harness.model.enqueue("Ahoy")
        event = event_payloads.posted(message, harness.general)
        await harness.workspace.deliver({**event, "subtype": "file_share", "files": files})
        assert (await harness.finished(message)).shown.startswith("Ahoy")
    ((_, _, text),) = harness.history()
    question, *described = text.splitlines()
    assert question == "look"
    assert [line.startswith(start) for line, start in zip(described, lines, strict=True)] == [
        True for _ in lines
    ]


@pytest.mark.parametrize("answer", [5, None, {}, {"id": "F1", "channels": 7, "url_private": []}])
async def test_odd_answers_about_a_file(harness: BotHarness, answer: Any) -> None:
    """Nor does what Slack never answers when it is asked for one."""
    body = {"ok": True, "file": answer}
    fault = Fault("answer", FaultAnswer(200, body, {}))
    harness.workspace.faults.add("files.info", fault, times=4)
    harness.model.enqueue("Ahoy")
    shared = harness.workspace.share(harness.ana, "a.txt", b"abc", "text/plain")
    async with harness.running():
        _, shown = await harness.ask("look", shared)
    assert shown.startswith("Ahoy\n\n⚠️ _“a.txt” ")


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
async def test_only_a_mention(harness: BotHarness, text: str) -> None:
    """Who only calls the bot, or sends nothing that can be seen, is answered too."""
    async with harness.running():
        assert await asked(harness, f"{harness.bot.mention}{text}")


async def test_an_empty_direct_message(harness: BotHarness) -> None:
    """Where the bot is addressed without a mention, even nothing at all is answered."""
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        await harness.verify_dialog([("", "Ahoy"), ("", "Aye"), ("hello", "Arr")], direct)


@pytest.mark.parametrize("text", [RIGHT_TO_LEFT, ZERO_WIDTH])
async def test_other_ways_of_writing(harness: BotHarness, text: str) -> None:
    """Text from right to left, or with signs that nobody sees, reaches the model as it is."""
    async with harness.running():
        assert await asked(harness, f"{harness.bot.mention} {text}") == text


@pytest.mark.parametrize("kind", ["message", "app_mention"])
@pytest.mark.parametrize("missing", ["type", "channel", "ts", "user"])
async def test_a_message_event_with_a_missing_field(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, missing: str, kind: str
) -> None:
    """What every message has and this one lacks: it can't be answered, and is no harm."""
    event = {"type": kind, "channel": harness.general.id, "ts": "1.0", "user": harness.ana.id}
    event["text"] = f"{harness.bot.mention} hello"
    del event[missing]
    async with unharmed(harness, caplog, lines=1):
        await harness.workspace.deliver(event)
    assert "hello" not in caplog.text


@pytest.mark.parametrize(
    "missing", ["team", "text", "blocks", "client_msg_id", "channel_type", "event_ts"]
)
async def test_what_a_message_event_can_do_without(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    """Without any of the fields that do not tell who said something where, it is answered."""
    direct = harness.workspace.direct_message(harness.ana)
    message = harness.workspace.post(harness.ana, direct, new_version("hello"))
    event = event_payloads.posted(message, direct)
    del event[missing]
    async with harness.running():
        harness.model.enqueue("Ahoy")
        await harness.workspace.deliver(event)
        await harness.answered(message, "Ahoy")
        await harness.all_acknowledged()
    assert harness.history() == [("user", "Ana", "hello")]
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


CHANGES: tuple[Mapping[str, Any], ...] = (
    {"subtype": "message_changed"},
    {"subtype": "message_changed", "message": 7, "previous_message": []},
    {"subtype": "message_changed", "message": {"ts": "1.0"}},
    {"subtype": "message_deleted"},
    {"subtype": "message_deleted", "deleted_ts": 5},
    {"subtype": "message_deleted", "deleted_ts": "1.0", "previous_message": "gone"},
    {"subtype": "message_replied"},
    {"subtype": "sh_room_created"},
)


@pytest.mark.parametrize("change", CHANGES)
async def test_changes_with_missing_fields(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, change: Mapping[str, Any]
) -> None:
    """Edits and deletions that don't say of what cost nothing."""
    async with unharmed(harness, caplog, lines=0):
        await harness.workspace.deliver(
            {"type": "message", "channel": harness.general.id, **change}
        )


@pytest.mark.parametrize("kind", ["unheard_of", "", "x" * 5_000, None, 7, ["message"], {}])
async def test_events_of_unknown_types(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, kind: object
) -> None:
    """What Slack may send one day is a line in the log, not a long one."""
    async with unharmed(harness, caplog, lines=1):
        await harness.workspace.deliver({"type": kind})
    assert max(len(each.getMessage()) for each in caplog.records) < 200


@pytest.mark.parametrize("event", [None, [], 7, "message"])
async def test_events_that_are_none(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, event: object
) -> None:
    """Where the event itself is missing, that is a line in the log, and it does not come again."""
    async with unharmed(harness, caplog, lines=1):
        await harness.workspace.deliver({"type": "message"}, event=event)


async def test_events_of_unknown_teams(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """What happens in another workspace is none of the bot's business."""
    event = {
        "type": "app_mention",
        "channel": harness.general.id,
        "ts": "1.0",
        "user": harness.ana.id,
    }
    event["text"] = f"{harness.bot.mention} hello"
    foreign = {"team_id": "T0000000", "context_team_id": "T0000000", "authorizations": []}
    async with unharmed(harness, caplog, lines=1):
        await harness.workspace.deliver(event, **foreign)


MISSING = ("user", "container", "message", "channel", "team", "actions", "trigger_id")


@pytest.mark.parametrize("missing", MISSING)
async def test_presses_with_missing_fields(harness: BotHarness, missing: str) -> None:
    """A press that lacks what Slack always sends is acknowledged."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        (answer,) = harness.answers(root)
        nonsense: tuple[Any, ...] = (None, [], {}, "x")
        for value in nonsense:
            await harness.workspace.forge_click(
                harness.ben, answer, "slackbot_feedback", "good", **{missing: value}
            )
        await harness.all_acknowledged()
        await still_answers(harness, root)


ODD_PRESSES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "unknown action": ("my secret", {}),
    "unknown button": (f"{PREFIX}format_disk", {}),
    "no action id": ("", {}),
    "no action": (f"{PREFIX}again", {"actions": []}),
    "no place": (f"{PREFIX}again", {"container": {}}),
    "no channel": (f"{PREFIX}again", {"container": {"message_ts": "1.0"}}),
    "no message": (f"{PREFIX}again", {"container": {"channel_id": "C1"}}),
    "no user": (f"{PREFIX}again", {"user": {}}),
    "unknown verdict": (FEEDBACK, {}),
}


@pytest.mark.parametrize(("action", "changes"), ODD_PRESSES.values(), ids=ODD_PRESSES.keys())
async def test_a_press_that_is_none_of_ours_is_one_line_in_the_log(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, action: str, changes: Mapping[str, Any]
) -> None:
    """Nobody sends such a press by hand, so nobody is told anything; the log is, once."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        (answer,) = harness.answers(root)
        with caplog.at_level(logging.INFO):
            caplog.clear()
            await harness.workspace.forge_click(harness.ben, answer, action, "my secret", **changes)
            await harness.all_acknowledged()
        logged = [each.getMessage() for each in caplog.records if "slackbot" in each.name]
        (line,) = logged
        assert line in {"An unknown button was pressed", "A payload that can't be read was ignored"}
        assert not harness.workspace.ephemerals
        await still_answers(harness, root)


async def test_a_thumb_of_another_thread(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Who rates an answer that the named thread does not have is told so, in one sentence."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        other = await harness.verify_dialog([(f"{harness.bot.mention} hi", "Hi")])
        (answer,) = harness.answers(root)
        elsewhere = {
            "channel_id": harness.general.id,
            "message_ts": answer.ts,
            "thread_ts": other.ts,
        }
        forge = harness.workspace.forge_click
        await forge(harness.ben, answer, FEEDBACK, "good", container=elsewhere)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.all_acknowledged()
        await still_answers(harness, root)
        assert [each.text for each in harness.workspace.ephemerals] == [UNKNOWN_ANSWER]
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_a_press_of_an_unknown_team(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """In a channel shared with another workspace its people press buttons too: the message that
    they stand under says what is meant, so they get what they want.
    """
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        (answer,) = harness.answers(root)
        harness.model.enqueue("Avast")
        foreign = {"id": "T0000000", "domain": "elsewhere"}
        await harness.workspace.forge_click(harness.ben, answer, f"{PREFIX}again", team=foreign)
        await harness.answered(root, "Avast")
        await harness.all_acknowledged()
    assert not harness.workspace.ephemerals
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def still_answers(harness: BotHarness, root: PostedMessage) -> None:
    harness.model.enqueue("Aye")
    await harness.mention("still there?", thread=root.ts)
    await harness.answered(root, "Ahoy", "Aye")


async def test_texts_stay_out_of_the_log(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """What people and the model write does not get into the log at INFO, whatever goes wrong."""
    with caplog.at_level(logging.INFO):
        async with harness.running():
            root = await harness.verify_dialog([(f"{harness.bot.mention} my secret", "a riddle")])
            await harness.workspace.deliver({"type": "my secret"[:2], "text": "my secret"})
            (answer,) = harness.answers(root)
            await harness.workspace.forge_click(harness.ben, answer, "my secret", "a riddle")
    assert "secret" not in caplog.text
    assert "riddle" not in caplog.text
