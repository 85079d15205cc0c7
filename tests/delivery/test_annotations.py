"""The lines around an answer, and how the answer is separated from them again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.deltas import RefusalDelta, TextDelta
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import ToolCall, ToolRound
from slackbot.conversation.refusals import declined
from slackbot.delivery import annotations

ADD, SINK = ToolCall("1", "add"), ToolCall("2", "sink")


def test_tools_in_a_line() -> None:
    """Each tool is named once."""
    assert annotations.tools_running_line([ADD]) == "🔧 _Using `add`…_"
    assert annotations.tools_used_line([ADD, SINK, ADD]) == "🔧 _Used `add` 2 times, `sink`_"


def test_sources() -> None:
    """Titles are no markup, addresses lead where they seem to, and other schemes nowhere."""
    found = {
        "https://example.com/a_(b)": "A [page](https://evil.example) <!channel>",
        "javascript:alert(1)": "no",
        "https://example.com/c": "",
    }
    assert annotations.sources_line(found) == (
        "🔗 _Sources:_ [A page https://evil.example !channel](https://example.com/a_%28b%29), "
        "[example.com](https://example.com/c)"
    )
    assert annotations.sources_line({}) == ""
    shown = f"So.\n\n{annotations.sources_line(found)}\n\n{annotations.tools_used_line([ADD])}"
    assert annotations.split_refusal(shown) == ("So.", "")


def test_tools_as_tasks() -> None:
    """Each round is a task, done when all of its results are there; so is the search of the web."""
    rounds = [ToolRound("", (ADD, SINK), {"1": "3"}), ToolRound("", (ADD,), {"1": "3"})]
    assert annotations.stream_tasks(rounds, searching=True) == (
        annotations.Task("round-0", "add, sink", done=False),
        annotations.Task("round-1", "add", done=True),
        annotations.Task("search", "Searching the web", done=False),
    )


@given(st.lists(st.text(min_size=1, max_size=9), max_size=9))
def test_a_refusal_grows_at_its_end(pieces: list[str]) -> None:
    """A growing refusal only grows at its end."""
    draft, before = Draft(), ""
    draft.add(TextDelta("So far."))
    for piece in pieces:
        draft.add(RefusalDelta(piece))
        assert draft.visible_text.rstrip().startswith(before.rstrip())
        before = draft.visible_text


def test_a_message_is_read_again() -> None:
    """The model's text and its refusal are told from the annotations."""
    draft = Draft()
    draft.add(TextDelta("So far."))
    draft.add(RefusalDelta("No.\nNever."))
    assert annotations.split_refusal(draft.visible_text) == ("So far.", "No.\nNever.")
    assert annotations.split_refusal(f"It is 3.\n\n{annotations.tools_used_line([ADD])}") == (
        "It is 3.",
        "",
    )


def test_ten_sources_are_enough() -> None:
    """Of many sources the first ten are named, each with the first 80 characters of its title."""
    found = {f"HTTPS://example.com/{number}": "x" * 81 for number in range(11)}
    line = annotations.sources_line(found)
    assert line.count("](") == 10
    assert line.endswith(f", [{'x' * 80}](HTTPS://example.com/9)")


def test_the_title_of_a_task_fits_slack() -> None:
    """A task that is named after many tools keeps to the 256 characters that Slack takes."""
    calls = tuple(ToolCall(str(number), f"tool_{number}") for number in range(50))
    task, search = annotations.stream_tasks([ToolRound("", calls)], searching=False)
    assert (len(task.title), task.title[:14]) == (256, "tool_0, tool_1")
    assert search.done


def test_lines_of_a_refusal_are_told_from_what_stands_below() -> None:
    """A refusal ends before the lines about tools and sources, and may have empty lines."""
    used, cited = annotations.tools_used_line([ADD]), annotations.sources_line({"http://x.org": ""})
    for below in (used, cited, f"{cited}\n\n{used}"):
        shown = f"So.\n\n{declined('No.' + chr(10) * 2 + ' Never.')}\n\n{below}"
        assert annotations.split_refusal(shown) == ("So.", "No.\n\n Never.")


@pytest.mark.parametrize(
    "answer",
    [
        "Use 🔧 _italics_ so.\n\nThen stop.",
        "🔗 _Sources:_ are listed below.\n\n1. one",
        "It said:\n\n🚫 *The model declines:*\n\n> No.\n\nSo I asked again.",
    ],
)
def test_an_answer_with_the_signs_of_annotations(answer: str) -> None:
    """What looks like a line of the bot's, but is not at the end, belongs to the answer."""
    used, cited = annotations.tools_used_line([ADD]), annotations.sources_line({"http://x.org": ""})
    assert annotations.split_refusal(answer) == (answer, "")
    assert annotations.split_refusal(f"{answer}\n\n{cited}\n\n{used}") == (answer, "")


def test_annotations_as_slack_gives_them() -> None:
    """Slack may give an emoji by its name."""
    refused = "So.\n\n:no_entry_sign: _The model declines:_\n\n> No."
    assert annotations.split_refusal(refused) == ("So.", "No.")
    shown = "So.\n\n:link: _Sources:_ [a](http://x.org)\n\n:wrench: _Used `add`_"
    assert annotations.split_refusal(shown) == ("So.", "")
