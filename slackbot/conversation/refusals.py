"""The model's refusal, marked as such."""

from slackbot.conversation.texts import DECLINED


def declined(refusal: str) -> str:
    """The words in which the model declines, as a quote. It grows at its end, as they do."""
    return DECLINED + "\n".join(f"> {line}" for line in refusal.strip().split("\n"))
