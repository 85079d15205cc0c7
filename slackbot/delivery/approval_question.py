"""The question that a person reads before a tool runs: the call with all of its arguments.

What is shown is what runs. The arguments are read as the tool gets them, numbers stay as the model
wrote them, and no character is hidden.
"""

from slackbot.conversation.deltas import ToolReview
from slackbot.conversation.history import ToolCall
from slackbot.delivery import texts
from slackbot.markdown.code_blocks import code_block
from slackbot.markdown.visible_json import visible_json

MAX_QUESTION_CHARACTERS = 2_500
"""Of the arguments of a call to approve, which must be shown in full."""

MAX_RAW_CHARACTERS = 10 * MAX_QUESTION_CHARACTERS
"""Of the same arguments as the model wrote them, with escapes and white space."""


def approval_question(call: ToolCall, review: ToolReview = "accepted") -> str | None:
    """The question before a tool runs; None if the arguments are too long to be shown in full.

    It says why it is asked where no admin has accepted the tool as it is.
    """
    if len(call.arguments) > MAX_RAW_CHARACTERS:
        return None
    try:
        shown = visible_json(call.arguments)
    except RecursionError:
        return None
    if len(shown) > MAX_QUESTION_CHARACTERS:
        return None
    question = texts.APPROVAL_QUESTION.format(name=call.name)
    if review != "accepted":
        question = f"{question}\n{texts.APPROVAL_REASONS[review]}"
    return f"{question}\n\n{code_block(shown)}"
