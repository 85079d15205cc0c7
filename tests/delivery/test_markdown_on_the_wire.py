"""What people see in Slack of the model's Markdown: code, emphasis, tables that go on."""

import pytest

from slackbot.markdown.emphasis import HAIR_SPACE
from slackbot.playground.fake_openai.script import Script, says
from tests.delivery.transports import IN_BOTH, NATIVE
from tests.harness import BotHarness

SHELL = "git log --format='<%an>' foo@bar <<@here\n#include <stdio.h>\n<!-- @channel -->\n@everyone"


@IN_BOTH
async def test_code_arrives_as_written(harness: BotHarness, streaming: str) -> None:
    """A shell line that people copy has no character that the model did not write, at any chunk
    boundary and in any state of the message.
    """
    text = f"Run `@here`:\n\n```sh\n{SHELL}\n```\n\nThen tell @channel."
    pieces = tuple({"content": letter} for letter in text)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(Script(pieces, cadence=0.002))
        question = await harness.mention("how?")
        message = await harness.finished(question)
    assert f"```sh\n{SHELL}\n```" in message.shown
    assert message.shown.startswith("Run `@here`:")
    assert message.shown.endswith("Then tell @\u2060channel.")
    for version in message.versions:
        assert "\u2060" not in version.shown.partition("Then")[0]
        assert "@channel." not in version.shown


@IN_BOTH
@pytest.mark.parametrize("ping", ["<!channel>", "<@U123ABC>", "<!subteam^S1>"])
async def test_a_mention_in_code_pings_nobody(
    harness: BotHarness, streaming: str, ping: str
) -> None:
    """Slack's markup is broken up in code as well, by a space that people see."""
    text = f"```\npost {ping}\n```"
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(Script(tuple({"content": each} for each in text), cadence=0.002))
        question = await harness.mention("how?")
        message = await harness.finished(question)
    assert message.shown == f"```\npost < {ping[1:]}\n```"
    assert all(ping not in version.shown for version in message.versions)


@pytest.mark.parametrize(
    "text", ["Use `foo` and <bar>.", "`pip` & `uv`: ask me@example.com, or `@here`.", "`a @b` <c"]
)
async def test_signs_after_code_keep_the_stream(harness: BotHarness, text: str) -> None:
    """A stream is not ended early for a sign that may become a mention, in a line with code."""
    async with harness.running(NATIVE):
        harness.model.enqueue(Script(tuple({"content": each} for each in text), cadence=0.05))
        question = await harness.mention("how?")
        message = await harness.finished(question)
    assert message.shown == text
    calls = [each.method for each in harness.workspace.calls]
    assert calls.count("chat.stopStream") == 1
    assert "chat.update" not in calls


@IN_BOTH
async def test_bold_chinese(harness: BotHarness, streaming: str) -> None:
    """Bold text ends after full-width punctuation, also while it grows."""
    text = "**注意：**请看这是**“重要”**的。"
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(Script(tuple({"content": each} for each in text), cadence=0.01))
        question = await harness.mention("how?")
        message = await harness.finished(question)
    shown = f"**注意：**{HAIR_SPACE}请看这是{HAIR_SPACE}**“重要”**{HAIR_SPACE}的。"
    assert message.shown == shown


@IN_BOTH
async def test_a_table_goes_on_below_its_head(harness: BotHarness, streaming: str) -> None:
    """A table that does not fit into one message repeats its head, with its alignment, in the next;
    messages that are complete do not change any more.
    """
    head = "| Number | Text |\n|-------:|:-----|\n"
    rows = [f"| {number} | {'word' * 50} |" for number in range(90)]
    text = f"Look:\n\n{head}{chr(10).join(rows)}\n\nDone."
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says(text).paced(0.005))
        question = await harness.mention("list")
        await harness.finished(question)
        messages = harness.answers(question)
    assert messages[0].shown.startswith(f"Look:\n\n{head}| 0 |")
    assert len(messages) > 1
    assert all(each.shown.startswith(f"{head}| ") for each in messages[1:])
    lines = [line for each in messages for line in each.shown.splitlines()]
    assert [line for line in lines if "word" in line] == rows
    assert lines[-1] == "Done."
