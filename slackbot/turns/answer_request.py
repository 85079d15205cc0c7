"""What an answer is made from."""

from dataclasses import dataclass

from slackbot.conversation.history import Conversation
from slackbot.conversation.messages import ThreadKey
from slackbot.instructions.settings import EffectiveSettings
from slackbot.llm.tool_calls import Caller
from slackbot.turns.kept_results import KeptResults


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """The question with everything that the answer depends on."""

    conversation: Conversation
    """The last turn is the one to answer; it holds the tool rounds of an earlier attempt."""
    caller: Caller
    """The person for whom tools run; without a user there are no tools."""
    settings: EffectiveSettings
    thread: ThreadKey
    kept: KeptResults | None = None
    """What tools did for the answer that is written again; only tools that change nothing run
    then. None if a person asks: all tools may run.
    """
