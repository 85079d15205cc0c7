"""Sentences that people read about an answer."""

EMPTY = "The model had nothing to say to that. Please ask again, perhaps in other words."
