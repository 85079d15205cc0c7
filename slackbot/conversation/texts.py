"""Sentences that people read about an answer."""

DECLINED = "🚫 *The model declines:*\n\n"

EMPTY = "The model had nothing to say to that. Please ask again, perhaps in other words."
