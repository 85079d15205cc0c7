"""The sentences that people read in Slack when PostgreSQL can't do its work."""

AWAY = "The database can't be reached at the moment."
SLOW = "The database did not answer in time: it may be overloaded."
