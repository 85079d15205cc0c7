"""Which workspaces the bot serves, and which replica owns each of them.

A replica is one process of several that share a database. One of them owns a workspace at a time.
"""

from slackbot.workspaces.lease import Lease

__all__ = ["Lease"]
