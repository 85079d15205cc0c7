"""The model's Markdown as it goes to Slack."""

from slackbot.markdown.emphasis import help_emphasis, settled
from slackbot.markdown.escaping import escape_mentions, escape_stable_prefix


def to_slack(markdown: str) -> str:
    """The text of a markdown block: it notifies nobody, and its emphasis is seen.

    It is longer by a character at most for each `<`, `@`, `&`, `*`, `~` and `:`.
    """
    return escape_mentions(help_emphasis(markdown))


def to_slack_stream(markdown: str) -> str:
    """The beginning of a text that grows, as a stream gets it: it stays as it is."""
    return escape_stable_prefix(help_emphasis(settled(markdown)))
