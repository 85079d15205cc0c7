"""Sentences that people read about a request to the model."""

TOO_LONG = "That is more than the model can read at once. Please send less text."
