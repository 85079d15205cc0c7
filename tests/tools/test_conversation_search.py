import re

from hypothesis import given
from hypothesis import strategies as st

from slackbot.tools import texts
from slackbot.tools.conversation_search import EXCERPT_CHARACTERS, MAX_WORDS, excerpt_around
from tests import sample_files
from tests.harness import BotHarness
from tests.tools.tool_calls import call_tool, read_link


async def test_other_threads_of_the_channel(harness: BotHarness) -> None:
    """A search finds other threads of the same channel, and none of other channels."""
    other = harness.workspace.add_channel("other", members=[harness.ana])
    async with harness.running():
        await harness.verify_dialog(
            [(f"{harness.bot.mention} where is the KEY?", "In the blue box.")]
        )
        await harness.verify_dialog([(f"{harness.bot.mention} where is the key?", "Lost.")], other)
        found = await call_tool(harness, "search_conversations", '{"words": "key box"}')
        assert found.partition("]\n")[2] == "Ana: where is the KEY?\n(answer) In the blue box."
        assert (
            await call_tool(harness, "search_conversations", '{"words": "lost"}')
            == texts.NOTHING_FOUND
        )
        nothing = await call_tool(harness, "search_conversations", '{"words": " "}')
        assert nothing == f"Error: {texts.NO_SEARCH_WORDS.format(most=MAX_WORDS)}"


async def test_long_text(harness: BotHarness) -> None:
    """Of a long text, the part around the words is shown."""
    async with harness.running():
        rest = "word " * 300
        await harness.verify_dialog(
            [(f"{harness.bot.mention} {rest}the KEY is blue. {rest}", "Aye.")]
        )
        found = await call_tool(harness, "search_conversations", '{"words": "key"}')
    assert re.search(r"Ana: ….{100}KEY is blue\. .*…\n\(answer\) Aye\.$", found)
    assert len(found) < EXCERPT_CHARACTERS + 100


async def test_transcripts_and_files(harness: BotHarness) -> None:
    """A search finds the transcripts of recordings; a thread that is read names its files."""
    harness.model.media.transcript = "Where is the KEY?"
    memo = harness.workspace.share(harness.ana, "memo.m4a", sample_files.recording(), "audio/mp4")
    async with harness.running({"OPENAI_TRANSCRIBE_MODEL": "listener"}):
        harness.model.enqueue("In the blue box.")
        question, _ = await harness.ask("", memo)
        found = await call_tool(harness, "search_conversations", '{"words": "key box"}')
        assert "Ana: [spoken] Where is the KEY?" in found
        assert "Ana: [file: memo.m4a]" in await read_link(harness, question)


@given(st.text("a ", max_size=1_000), st.text("a ", max_size=1_000))
def test_excerpt(before: str, after: str) -> None:
    """An excerpt contains the word, keeps to its length, and marks what it leaves out."""
    text = f"{before}KEY{after}"
    shown = excerpt_around(text, ["key"])
    assert "KEY" in shown
    assert shown.strip("…") in text
    assert len(shown.strip("…")) == min(len(text), EXCERPT_CHARACTERS)
    assert shown.startswith("…") == (not text.startswith(shown.strip("…")))
    assert shown.endswith("…") == (not text.endswith(shown.strip("…")))
