"""How a refusal is shown."""

from slackbot.conversation.refusals import declined
from slackbot.conversation.texts import DECLINED


def test_a_refusal_is_a_quote() -> None:
    """Each of its lines is quoted, below a line that says what it is."""
    assert declined("No way.\nNever.\n") == f"{DECLINED}> No way.\n> Never."
