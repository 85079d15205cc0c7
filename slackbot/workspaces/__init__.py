"""Which workspaces the bot serves, and which replica owns each of them.

A replica is one process of several that share a database. One of them owns a workspace at a time.
"""

from slackbot.workspaces.lease import Lease
from slackbot.workspaces.lease_store import Census, LeaseStore, Presence
from slackbot.workspaces.owner import Owner
from slackbot.workspaces.ownership import Ownership

__all__ = ["Census", "Lease", "LeaseStore", "Owner", "Ownership", "Presence"]
