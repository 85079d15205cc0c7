"""Answers that Slack turns into more blocks, or longer tables, than one message holds."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack import message_checks
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.delivery.transports import EDIT, IN_BOTH
from tests.harness import BotHarness, buttons

SECTIONS = "\n\n".join(f"## Section {number}\n\nText {number}." for number in range(60))

TABLE = "\n".join(["| # | name |", "|--:|---|", *(f"| {n} | row {n} |" for n in range(250))])


async def shown(harness: BotHarness, question: PostedMessage) -> list[str]:
    """What the messages of the finished answer show."""
    await harness.finished(question)
    await harness.service.bot.idle()
    return [message.shown for message in harness.answers(question)]


def is_markdown(message: PostedMessage) -> bool:
    return str(message.blocks[0]["type"]) == "markdown"


def verify_form(messages: Sequence[PostedMessage]) -> None:
    """Each message is Markdown, and the last one has the buttons."""
    assert all(map(is_markdown, messages))
    assert "again" in buttons(messages[-1])


def refusals(harness: BotHarness) -> list[str]:
    return [call.error for call in harness.workspace.calls if call.error]


@IN_BOTH
async def test_many_sections(harness: BotHarness, streaming: str) -> None:
    """An answer of 60 headed sections goes on in further messages, each as Markdown, before Slack
    refuses it; the last one has the buttons.
    """
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says(SECTIONS).paced(0.001))
        question = await harness.mention("write")
        pages = await shown(harness, question)
    assert "\n\n".join(pages) == SECTIONS
    assert len(pages) == 3
    assert all(page.startswith("## ") for page in pages)
    verify_form(harness.answers(question))
    assert not set(refusals(harness)) & {"invalid_blocks", "msg_blocks_too_long"}


@IN_BOTH
async def test_a_refusal_for_many_blocks(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, streaming: str
) -> None:
    """Where Slack makes more blocks of a text than is known, the page that it refuses is divided,
    with its buttons, instead of being shown as raw text.
    """
    monkeypatch.setattr(message_checks, "MAX_BLOCKS", 20)
    text = SECTIONS[: SECTIONS.index("## Section 20")].strip()
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(text)
        question = await harness.mention("write")
        pages = await shown(harness, question)
    assert "\n\n".join(pages) == text
    assert len(pages) > 2
    verify_form(harness.answers(question))
    assert "invalid_blocks" in refusals(harness)


@IN_BOTH
async def test_a_refusal_in_the_middle(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, streaming: str
) -> None:
    """An answer that is refused while it grows goes on growing, in the next message."""
    monkeypatch.setattr(message_checks, "MAX_BLOCKS", 30)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says(SECTIONS).paced(0.002))
        question = await harness.mention("write")
        pages = await shown(harness, question)
    assert "\n\n".join(pages) == SECTIONS
    verify_form(harness.answers(question))


@pytest.mark.parametrize("limit", ["MAX_TEXT_OF_ALL_BLOCKS", "MAX_MARKDOWN"])
@IN_BOTH
async def test_a_refusal_for_the_length(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, streaming: str, limit: str
) -> None:
    """A text that Slack finds too long goes on in a further message as well."""
    text = "word " * 1_000 + "end"
    monkeypatch.setattr(message_checks, limit, 3_000)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(text)
        question = await harness.mention("write")
        pages = await shown(harness, question)
    assert " ".join(pages) == text
    assert len(pages) > 1
    verify_form(harness.answers(question))


async def test_several_tables_that_slack_takes_one_by_one(harness: BotHarness) -> None:
    """Where a message may hold one table only, each table gets its own."""

    def has_tables(arguments: Mapping[str, Any]) -> bool:
        return str(arguments.get("blocks")).count("|---|") > 1

    refusal = {
        "error": "invalid_attachments",
        "response_metadata": {"messages": ["[ERROR] only_one_table_allowed"]},
    }
    for method in ("chat.postMessage", "chat.update"):
        harness.workspace.faults.add(method, Fault.refusal(refusal), times=99, when=has_tables)
    tables = [f"Table {n}:\n\n| a |\n|---|\n| {n} |" for n in range(3)]
    async with harness.running(EDIT):
        harness.model.enqueue("\n\n".join(tables))
        question = await harness.mention("write")
        pages = await shown(harness, question)
    assert len(pages) == 3
    assert [page.count("|---|") for page in pages] == [1, 1, 1]
    assert all(map(is_markdown, harness.answers(question)))


@IN_BOTH
async def test_a_long_table(harness: BotHarness, streaming: str) -> None:
    """A table of more rows than Slack's tables have goes on in further messages, below its head."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says(f"Here:\n\n{TABLE}\n\nDone.").paced(0.001))
        question = await harness.mention("list them")
        pages = await shown(harness, question)
    head = "| # | name |\n|--:|---|\n"
    assert pages[0].startswith(f"Here:\n\n{head}| 0 | row 0 |\n")
    assert all(page.startswith(f"{head}| ") for page in pages[1:])
    rows = [line for page in pages for line in page.splitlines() if "row" in line]
    assert rows == TABLE.splitlines()[2:]
    assert pages[-1].endswith("\n\nDone.")
    assert not set(refusals(harness)) & {"invalid_blocks"}
