"""What an offer of tools holds."""

from slackbot.conversation.roles import Role
from slackbot.llm.tool_offer import ToolOffer
from slackbot.tools.functions import FunctionTool
from tests.tools import sample_tools


def test_offer() -> None:
    """The definitions are in the order of the tools; tools can be taken out by their names."""
    add, sink = FunctionTool(sample_tools.add), FunctionTool(sample_tools.sink)
    offer = ToolOffer({"sink": sink, "add": add}, Role.MEMBER, frozenset({"fire"}))
    assert offer.definitions == (sink.definition, add.definition)
    left = offer.without({"sink", "fire"})
    assert left == ToolOffer({"add": add}, Role.MEMBER, frozenset({"fire"}))
    assert ToolOffer().definitions == ()
