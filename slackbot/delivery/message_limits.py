"""How many messages one answer may take."""

MAX_MESSAGES = 10
"""More than a hundred thousand characters: longer than anybody reads in a thread."""

MAX_SHORT_MESSAGES = 40
"""Where Slack takes only short ones, as it does without blocks."""
