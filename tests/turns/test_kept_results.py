"""What tools did for an answer that is written again."""

import pytest

from slackbot.conversation.history import NOT_RUN, ToolCall, ToolRound
from slackbot.llm.tool_calls import INTERRUPTED, NOT_REPEATED
from slackbot.llm.tool_offer import ToolOffer
from slackbot.tools.functions import FunctionTool, ToolOptions
from slackbot.turns.kept_results import KeptResults
from tests.tools import sample_tools

ADD, SINK = ToolCall("1", "add", '{"a": 1, "b": 2}'), ToolCall("2", "sink", '{"ship": "Ann"}')
GONE, OPEN = ToolCall("3", "gone"), ToolCall("4", "sink", '{"ship": "Bess"}')

OFFER = ToolOffer(
    {
        "add": FunctionTool(sample_tools.add),
        "sink": FunctionTool(sample_tools.sink),
        "nothing": FunctionTool(sample_tools.nothing, ToolOptions(read_only=True)),
        "fail": FunctionTool(
            sample_tools.fail, ToolOptions(read_only=True, requires_approval=True)
        ),
    }
)


def test_what_the_new_answer_begins_with() -> None:
    """The calls that were run, of tools that may change something or are not there any more."""
    rounds = [
        ToolRound("Wait.", (ADD, SINK), {"1": "3", "2": "Ann is gone"}),
        ToolRound("", (GONE, OPEN), {"3": "went", "4": f"{NOT_RUN}, sorry."}),
        ToolRound("", (ADD,), {"1": "3"}),
    ]
    assert [*KeptResults(rounds).not_repeated(OFFER)] == [
        ToolRound("", (SINK,), {"2": "Ann is gone"}),
        ToolRound("", (GONE,), {"3": "went"}),
    ]


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (SINK, "Ann is gone"),
        (ToolCall("9", "sink", ' {"ship" : "\\u0041nn"}'), "Ann is gone"),
        (ToolCall("9", "add", '{"b": 2, "a": 1}'), "3"),
        (ToolCall("9", "add", '{"b": 1, "a": 2}'), NOT_REPEATED),
        (ToolCall("9", "sink", '{"ship": "Cora"}'), NOT_REPEATED),
        (ToolCall("9", "add", '{"ship": "Ann"}'), NOT_REPEATED),
        (OPEN, INTERRUPTED),
    ],
)
def test_the_result_of_the_same_call(call: ToolCall, result: str) -> None:
    """A call with the same name and arguments has the kept result, and no other one has any."""
    kept = KeptResults([ToolRound("", (ADD, SINK, OPEN), {"1": "3", "2": "Ann is gone"})])
    assert kept.result(call) == result


@pytest.mark.parametrize(
    ("name", "repeatable"), [("add", True), ("sink", False), ("nothing", True), ("fail", False)]
)
def test_which_tools_run_again(name: str, *, repeatable: bool) -> None:
    """Those that are said to be read-only, and need no approval."""
    assert OFFER.tools[name].definition.is_repeatable == repeatable
