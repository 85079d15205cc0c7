"""The rules of tool calls."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.llm import tool_calls
from slackbot.llm.tool_calls import ToolDefinition


@given(st.text(min_size=1).filter(str.strip), st.integers(1, 3))
def test_short_results_stay(text: str, often: int) -> None:
    """No result is longer than the stated size; one that is not stays as it is."""
    assert tool_calls.truncate_result(text) == text
    long = text * (tool_calls.MAX_RESULT_CHARACTERS * often)
    cut = tool_calls.truncate_result(long)
    assert len(cut) <= tool_calls.MAX_RESULT_CHARACTERS
    assert cut == long or cut.endswith(f"[The rest was cut off: {len(long):,} characters in all.]")


def test_an_unknown_tool_is_told_of_the_others() -> None:
    """The model is told what there is instead."""
    there = [ToolDefinition("add", "", {}), ToolDefinition("sink", "", {})]
    assert (
        tool_calls.unknown_tool("fly", there)
        == "Error: not run, because there is no tool fly. There are: add, sink."
    )
    assert tool_calls.unknown_tool("fly", []).endswith("no tool fly. There are: none.")


def test_a_long_result_uses_its_room() -> None:
    """The model reads up to 20,000 characters: of a longer result as many as fit with the note."""
    assert tool_calls.truncate_result("a" * 20_000) == "a" * 20_000
    cut = tool_calls.truncate_result("a" * 20_001)
    assert len(cut) == 20_000
    assert cut.startswith("aaa")


def test_an_empty_result() -> None:
    """The model reads that there was nothing: some servers refuse an empty text."""
    for blank in ("", " \n"):
        assert tool_calls.truncate_result(blank) == tool_calls.EMPTY_RESULT
