"""What people read in Slack in place of an answer, or before the model's refusal."""

DECLINED = "🚫 *The model declines:*\n\n"
"""Comes before a refusal, and is parsed when a thread is read from Slack."""

EMPTY = "The model returned an empty answer. Please ask again, or rephrase your question."
