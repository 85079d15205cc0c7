"""The model's refusal, marked as such."""

DECLINED = "🚫 *The model declines:*\n\n"


def declined(refusal: str) -> str:
    """The words in which the model declines, marked as its own. Grows at its end as they do."""
    return DECLINED + "\n".join(f"> {line}" for line in refusal.strip().split("\n"))
