"""What people read in Slack in place of an answer, or before the model's refusal."""

DECLINED = "🚫 _The model declines:_\n\n"
"""Comes before a refusal, and is parsed when a thread is read from Slack, as notes are: Slack does
not tell which of Markdown's two marks for italic text it was.
"""

EMPTY = "The model returned an empty answer. Please ask again, or rephrase your question."
