"""The model's refusal, marked as such."""

from slackbot.conversation.texts import DECLINED


def declined(refusal: str) -> str:
    """Returns the refusal as a quote. While the refusal grows, the quote only grows at its end."""
    return DECLINED + "\n".join(f"> {line}" for line in refusal.strip().split("\n"))
