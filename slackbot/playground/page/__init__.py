"""The playground's web page: the workspace as people see it, and an inspector.

It is served on this machine alone.
"""

from slackbot.playground.page.server import PageServer

__all__ = [
    "PageServer",
]
