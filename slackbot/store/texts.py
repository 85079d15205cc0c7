"""The sentences that people read in Slack when the store can't do its work."""

FAILING = "The database can't be used at the moment: its disk may be full or failing."
LOCKED = "The database can't be used at the moment: another program has locked it."
SLOW = "The database did not answer in time: its disk may be overloaded or failing."
CLOSED = "The database has been closed."
DAMAGED = "The database is damaged: it has to be repaired, or replaced by a backup."
MOVED = "The database was moved or deleted: restart the bot with the right file."
STUCK = "The database does not answer any more: check its disk, then restart the bot."
ENDED = "The database can't be used any more, because of a bug: restart the bot."
LOST_DRAFT = (
    "I lost my notes on the tools that I used for this answer. If I try again, I use them again."
)
