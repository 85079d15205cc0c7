"""What is not Slack's answer, given once by each method that the bot calls, while people use it.

Each tour uses some of the methods. Every first call of each of them gets an odd answer.
"""

import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import slackbot.slack
from slackbot.errors import UNEXPECTED
from slackbot.playground.fake_openai.script import calls, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.address_posts import RESPONSE_URL
from tests import sample_files
from tests.delivery.transports import EDIT, NATIVE
from tests.harness import BotHarness, buttons
from tests.instructions_harness import InstructionsHarness, filled, view_text
from tests.slack.test_answers import PAGE
from tests.tools.tool_calls import read_link

JSON = "application/json"

BEFORE = {
    "429 as text": Fault.foreign(429, b"slow down", "text/plain", {"Retry-After": "1"}),
    "503 as text": Fault.foreign(503, b"no healthy upstream", "text/plain"),
    "200 and nothing": Fault.foreign(200, b"", "text/plain"),
    "200 and a page": Fault.foreign(200, PAGE, "text/html"),
    "a list": Fault.foreign(200, b"[]", JSON),
    "half an answer": Fault.foreign(200, b'{"ok": true, "ts": "17', JSON),
    "ok and nothing else": Fault.foreign(200, b'{"ok": true}', JSON),
}
"""Instead of the call."""

AFTER = {
    "502 after the call": Fault.foreign(502, PAGE, "text/html", after=True),
    "ok and nothing else, after the call": Fault.foreign(200, b'{"ok": true}', JSON, after=True),
}

NO_FIELDS_NEEDED = frozenset(
    {
        "agents.sessions.setStatus",
        "assistant.threads.setStatus",
        "assistant.threads.setSuggestedPrompts",
        "chat.postEphemeral",
        RESPONSE_URL,
    }
)
"""`{"ok": true}` is all that these say: there is no telling it from Slack's answer."""


@dataclass(frozen=True, slots=True)
class Tour:
    methods: frozenset[str]
    """Each is called at least once, and its first call gets the odd answer."""
    go: Callable[[BotHarness], Awaitable[None]]
    settings: Mapping[str, str]
    lost: tuple[str, ...] = ()
    """Methods whose first call gets no answer before, so that others are asked what it did."""


TOURS: dict[str, Tour] = {}


def tour(
    *methods: str, settings: Mapping[str, str] | None = None, lost: tuple[str, ...] = ()
) -> Callable[[Callable[[BotHarness], Awaitable[None]]], None]:
    """Makes a function a tour."""

    def add(go: Callable[[BotHarness], Awaitable[None]]) -> None:
        TOURS[go.__name__] = Tour(frozenset(methods), go, settings or {}, lost)

    return add


async def answer_grows(harness: BotHarness) -> None:
    """A long answer is shown in steps, once and whole."""
    harness.model.enqueue(says("one two three").held(after=1))
    question = await harness.mention("count")
    await harness.workspace.until(lambda: harness.answers(question))
    harness.model.release()
    await harness.finished(question)
    await harness.settled()
    await harness.answered(question, "one two three")


@tour(
    "auth.test",
    "apps.connections.open",
    "assistant.threads.setStatus",
    "chat.postMessage",
    "chat.update",
    "conversations.replies",
    "users.info",
    settings=EDIT,
    lost=("chat.postMessage",),
)
async def edits(harness: BotHarness) -> None:
    await answer_grows(harness)
    await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy"), ("and?", "Aye")])


@tour(
    "agents.sessions.setStatus",
    "chat.appendStream",
    "chat.stopStream",
    settings=NATIVE,
)
async def streams(harness: BotHarness) -> None:
    harness.model.enqueue(says("one two three four five six").paced(0.3))
    question = await harness.mention("count")
    await harness.finished(question)
    await harness.settled()
    await harness.answered(question, "one two three four five six")


@tour("chat.startStream", settings=NATIVE)
async def beginning_of_a_stream(harness: BotHarness) -> None:
    await answer_grows(harness)


@tour("chat.delete", settings=EDIT)
async def deletion(harness: BotHarness) -> None:
    harness.model.enqueue(says("one two three").held(after=1))
    question = await harness.mention("count")
    await harness.answered(question, "one")
    await harness.workspace.delete(harness.ana, question)
    await harness.workspace.until(lambda: not harness.answers(question))
    await harness.settled()
    assert not harness.answers(question)
    harness.model.release()


@tour("chat.postEphemeral", "conversations.info", RESPONSE_URL)
async def commands(harness: BotHarness) -> None:
    team = InstructionsHarness(harness)
    assert "version 1" in await team.command(team.ada, "set You are a poet.")
    await harness.mention("instructions show")
    told = harness.workspace.ephemerals
    await harness.workspace.until(lambda: any("You are a poet." in each.text for each in told))
    assert await team.persona() == "You are a poet."


@tour(
    "views.open",
    "views.update",
    "chat.postMessage",
    "conversations.history",
    lost=("chat.postMessage",),
)
async def form(harness: BotHarness) -> None:
    team = InstructionsHarness(harness)
    harness.model.enqueue("Roses are red.")
    view = await team.form(team.ada)
    question = filled(view, text="You are a poet.", question="A line?")
    await harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
    await harness.workspace.until(lambda: "Roses are red." in team.said(team.ada))
    await team.save(team.ada, team.on_top(team.ada), text="You are a poet.", note=["note"])
    await harness.workspace.until(lambda: "version 1" in team.said(team.ada))
    assert "could not" not in team.said(team.ada)
    (note,) = harness.workspace.messages.values()
    assert "instructions" in note.text
    assert await team.persona() == "You are a poet."


@tour("views.publish", "assistant.threads.setSuggestedPrompts")
async def tabs(harness: BotHarness) -> None:
    team = InstructionsHarness(harness)
    workspace = harness.workspace
    await workspace.open_home(team.ada)
    await workspace.until(lambda: workspace.views.homes.get(team.ada.id))
    await workspace.click(team.ada, workspace.views.homes[team.ada.id], "slackbot_edit_prompts")
    await workspace.until(lambda: workspace.views.modals.get(team.ada.id))
    await team.save(team.ada, team.on_top(team.ada), prompt_1="What's new?")
    await workspace.until(lambda: "What's new?" in view_text(workspace.views.homes[team.ada.id]))
    await workspace.open_home(harness.ben, "messages")
    await workspace.until(lambda: workspace.prompts)


@tour(
    "files.getUploadURLExternal",
    "upload",
    "files.completeUploadExternal",
    "files.info",
    settings={"OPENAI_IMAGE_MODEL": "artist"},
    lost=("files.completeUploadExternal",),
)
async def files(harness: BotHarness) -> None:
    harness.model.media.picture = sample_files.picture()
    harness.model.enqueue(calls("draw_picture", '{"description": "A flag"}'), "Here it is.")
    letter = harness.workspace.share(harness.ana, "a.txt", b"Dear Ben,", "text/plain")
    text = f"{harness.bot.mention} draw it"
    question = await harness.workspace.say(harness.ana, harness.general, text, files=[letter])
    await harness.workspace.until(lambda: any(map(is_finished, harness.answers(question))))
    await harness.settled()
    assert "Dear Ben," in str(harness.model.requests[0]["messages"])
    (drawn,) = [each for answer in harness.answers(question) for each in answer.files]
    assert harness.workspace.files.find(drawn["id"]).content == harness.model.media.picture


@tour("conversations.info", "conversations.members", "conversations.replies", "users.info")
async def link(harness: BotHarness) -> None:
    board = harness.workspace.add_channel("board", members=[harness.ana], private=True)
    minutes = await harness.workspace.say(harness.ana, board, "We go sailing.")
    assert "We go sailing." in await read_link(harness, minutes, channel=board)


@tour("usergroups.list")
async def groups(harness: BotHarness) -> None:
    """An answer waits a second for a group's name, and goes without it."""
    group = harness.workspace.add_group("ops")
    await harness.verify_dialog([(f"{harness.bot.mention} ask <!subteam^{group}>", "Ahoy")])


def is_finished(message: PostedMessage) -> bool:
    return "again" in buttons(message)


def methods_in_the_code() -> set[str]:
    """The methods of slack-sdk's client that the bot calls, by Slack's names."""
    (folder,) = slackbot.slack.__path__
    source = "".join(path.read_text() for path in Path(folder).glob("*.py"))
    names = {*re.findall(r"client\.(\w+)", source, re.IGNORECASE)}
    found = {
        each for each in names if inspect.iscoroutinefunction(getattr(AsyncWebClient, each, 0))
    }
    return {each.replace("_", ".") for each in found - {"api_call"}}


def test_every_method_has_a_tour() -> None:
    """A new method, or another way to reach Slack, needs a tour here."""
    toured = {method for each in TOURS.values() for method in each.methods}
    assert toured == methods_in_the_code() | {RESPONSE_URL, "upload"}


@pytest.mark.parametrize("answer", [*BEFORE, *AFTER])
@pytest.mark.parametrize("name", TOURS)
async def test_a_tour(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, name: str, answer: str
) -> None:
    """Whatever each method answers once: people get all that they asked for, once, and nothing of
    it is a traceback, neither for them nor in the log.
    """
    caplog.set_level(logging.INFO)
    tour, faults = TOURS[name], harness.workspace.faults
    fault = {**BEFORE, **AFTER}[answer]
    for method in tour.lost:
        faults.add(method, Fault.reset_before())
    for method in tour.methods:
        if not ("nothing else" in answer and method in NO_FIELDS_NEEDED):
            faults.add(method, fault)
    async with harness.running(tour.settings):
        await tour.go(harness)
        await harness.settled()
    assert not faults.pending
    shown = [each.shown for each in harness.workspace.messages.values()]
    told = [each.text for each in harness.workspace.ephemerals]
    assert UNEXPECTED not in "\n".join(shown + told)
    failures = [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]
    assert not failures
