"""What tools did for an answer that is written again because somebody pressed Regenerate.

The person who presses may be somebody else than the one who asked, for whom tools work. So only
tools that change nothing run again. Of all others the model gets the results that they had.
"""

import json
from collections.abc import Iterable, Iterator

from slackbot.conversation.history import ToolCall, ToolRound
from slackbot.llm.tool_calls import INTERRUPTED, NOT_REPEATED
from slackbot.llm.tool_offer import ToolOffer


class KeptResults:
    def __init__(self, rounds: Iterable[ToolRound]) -> None:
        self._rounds = [each.ended(INTERRUPTED) for each in rounds]
        self._results = {
            _meaning(call): each.results[call.id] for each in self._rounds for call in each.calls
        }

    def not_repeated(self, offer: ToolOffer) -> Iterator[ToolRound]:
        """Yields what was done by tools that do not run again: the new answer begins with it."""
        for each in self._rounds:
            calls = tuple(call for call in each.begun if not _is_repeatable(call, offer))
            if calls:
                yield ToolRound("", calls, {call.id: each.results[call.id] for call in calls})

    def result(self, call: ToolCall) -> str:
        """What the model reads instead of a new result: that of the same call, if it was made."""
        return self._results.get(_meaning(call), NOT_REPEATED)


def _is_repeatable(call: ToolCall, offer: ToolOffer) -> bool:
    tool = offer.tools.get(call.name)
    return tool is not None and tool.definition.is_repeatable


def _meaning(call: ToolCall) -> tuple[str, str]:
    """The same for calls whose arguments differ only in white space, or in their order."""
    return call.name, json.dumps(json.loads(call.arguments), sort_keys=True)
