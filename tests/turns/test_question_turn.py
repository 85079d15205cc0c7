"""Several people ask in one thread: each is answered in turn, with that person's own rights."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from slackbot.playground.fake_openai.script import Script, calls, says
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness, Request, echo
from tests.tools import sample_tools

TOOLS = {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}
USED = "🔧 _Used `who_am_i`_"


@pytest.fixture
def harness(harness: BotHarness) -> BotHarness:
    harness.model.answer = echo
    return harness


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    sample_tools.runs.clear()
    sample_tools.gate, sample_tools.begun = asyncio.Event(), asyncio.Event()
    yield
    sample_tools.runs.clear()


async def begin(harness: BotHarness) -> PostedMessage:
    """Ana's question whose answer stands still until the model is released."""
    harness.model.enqueue(says("one two.").held(after=1))
    root = await harness.mention("count")
    await harness.answered(root, "one")
    return root


async def say(harness: BotHarness, person: Person, root: PostedMessage, text: str) -> None:
    await harness.workspace.say(person, harness.general, text, thread=root.ts)


async def test_each_person_gets_an_answer(harness: BotHarness) -> None:
    """Two people who wait in one thread get an answer each, the first of them first."""
    async with harness.running():
        root = await begin(harness)
        await say(harness, harness.ben, root, "b?")
        await say(harness, harness.ana, root, "a?")
        harness.model.release()
        await harness.answered(root, "one two.", "To: b?.", "To: a?.")
    assert harness.history(1) == [
        ("user", "Ana", "count"),
        ("assistant", "", "one two."),
        ("user", "Ben", "b?"),
    ]
    assert harness.history(2)[3:] == [("assistant", "", "To: b?."), ("user", "Ana", "a?")]
    assert len(harness.model.requests) == 3


async def test_one_persons_messages_are_answered_together(harness: BotHarness) -> None:
    """A person's waiting messages are answered together, including those after other people's."""
    async with harness.running():
        root = await begin(harness)
        await say(harness, harness.ana, root, "a?")
        await say(harness, harness.ben, root, "b?")
        await say(harness, harness.ana, root, "and a?")
        await say(harness, harness.ben, root, "and b?")
        harness.model.release()
        await harness.answered(root, "one two.", "To: a? + and a?.", "To: b? + and b?.")
    assert len(harness.model.requests) == 3


async def test_an_absurd_usage_does_no_harm(harness: BotHarness) -> None:
    """After a report of 3,000,000 tokens the thread goes on, with all that was said in it."""
    async with harness.running():
        harness.model.enqueue(says("one.").counted(3_000_000, 3), says("two.").counted(-7, 3))
        root = await harness.mention("count")
        await harness.answered(root, "one.")
        for number, shown in enumerate([("two.",), ("two.", "To: go on 1.")]):
            await harness.service.bot.idle()
            await say(harness, harness.ana, root, f"go on {number}")
            await harness.answered(root, "one.", *shown)
    said = [content for _, _, content in harness.history()]
    assert said == ["count", "one.", "go on 0", "two.", "go on 1"]


async def test_bystanders_are_context(harness: BotHarness) -> None:
    """Messages between people are read with a question, and get no answer."""
    cara = harness.workspace.add_person("Cara")
    async with harness.running():
        root = await begin(harness)
        await say(harness, harness.ben, root, f"{cara.mention} lunch?")
        await say(harness, harness.ana, root, "a?")
        await say(harness, cara, root, "b?")
        harness.model.release()
        await harness.answered(root, "one two.", "To: @Cara lunch? + a?.", "To: b?.")
    assert harness.history(1)[2:] == [("user", "Ben", "@Cara lunch?"), ("user", "Ana", "a?")]
    assert len(harness.model.requests) == 3


async def test_tools_work_for_each_person(harness: BotHarness) -> None:
    """Tools know who asks: each person's answer uses them with that person's rights."""

    def who(request: Request) -> Script | str:
        *_, last = request["messages"]
        if last["role"] == "user":
            return calls("who_am_i", "{}")
        return f"You are {json.loads(last['content'])['user']}."

    async with harness.running(TOOLS):
        root = await begin(harness)
        harness.model.answer = who
        await say(harness, harness.ana, root, "who am I?")
        await say(harness, harness.ben, root, "and I?")
        await say(harness, harness.ana, root, "really?")
        harness.model.release()
        await harness.answered(
            root,
            "one two.",
            f"You are {harness.ana.id}.\n\n{USED}",
            f"You are {harness.ben.id}.\n\n{USED}",
        )


async def test_an_approval_belongs_to_the_person_who_asked(harness: BotHarness) -> None:
    """A tool that requires approval asks the person whose question it is used for."""
    async with harness.running(TOOLS):
        root = await begin(harness)
        harness.model.enqueue(calls("sink", '{"ship": "Argo"}'), "Sunk.", "Aye.")
        await say(harness, harness.ana, root, "sink it")
        await say(harness, harness.ben, root, "how are you?")
        harness.model.release()
        await harness.press(harness.ben, root, "confirm")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert f"<@{harness.ana.id}>" in harness.workspace.ephemerals[-1].text
        assert sample_tools.runs["sink"] == 0
        await harness.press(harness.ana, root, "confirm")
        await harness.answered(root, "one two.", "Sunk.\n\n🔧 _Used `sink`_", "Aye.")
    assert sample_tools.runs["sink"] == 1


async def test_each_person_gets_an_answer_after_a_restart(harness: BotHarness) -> None:
    """Two people who waited when the bot stopped get an answer each from the next run."""
    async with harness.running(grace=0.0):
        root = await begin(harness)
        await say(harness, harness.ben, root, "b?")
        await say(harness, harness.ana, root, "a?")
        harness.service.bot.abandon()
    async with harness.running():
        await harness.answered(root, "To: count + a?.", "To: b?.")


async def test_a_bystander_who_takes_it_back(harness: BotHarness) -> None:
    """A deleted remark that was read with another person's question takes nothing of the answer
    along: its author's next question has an answer of its own.
    """
    cara = harness.workspace.add_person("Cara")
    async with harness.running():
        root = await begin(harness)
        await say(harness, harness.ben, root, "b?")
        remark = await harness.workspace.say(
            harness.ana, harness.general, f"{cara.mention} lunch?", thread=root.ts
        )
        harness.model.enqueue(says("three four.").held(after=1))
        harness.model.release()
        await harness.answered(root, "one two.", "three")
        await say(harness, harness.ana, root, "a?")
        await harness.workspace.delete(harness.ana, remark)
        await harness.answered(root, "one two.", "To: b?.", "To: a?.")
