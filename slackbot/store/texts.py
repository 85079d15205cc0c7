"""The sentences that people read in Slack when the store can't do its work."""

FAILING = "The bot's database can't be used at the moment: its disk may be full or failing."
LOCKED = "The bot's database can't be used at the moment: another program has locked it."
SLOW = "The bot's database did not answer in time: its disk may be overloaded or failing."
CLOSED = "The bot's database has been closed."
DAMAGED = "The bot's database is damaged: it has to be repaired, or replaced by a backup."
MOVED = "The bot's database was moved or deleted: the bot has to be started again."
STUCK = "The bot's database does not answer any more: see to its disk, then start the bot again."
ENDED = "The bot's database can't be used any more, because of a bug: start the bot again."
LOST_DRAFT = (
    "I lost my notes on the tools that I used for this answer. If I try again, I use them again."
)
