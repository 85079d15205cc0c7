"""The sentences that people read in Slack when PostgreSQL can't do its work."""

AWAY = "The database can't be reached at the moment."
SLOW = "The database did not answer in time: it may be overloaded."
FULL = "The database can't be used at the moment: its disk is full."
READ_ONLY = "The database can't be used at the moment: it takes no changes."
FAILING = "The database can't be used at the moment."
LOST_LEASE = "Another process of mine goes on with this."
NEWER_ROW = "A newer version of me goes on with this."
