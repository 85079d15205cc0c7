"""The sentences that people read in Slack when the store can't do its work."""

FAILING = "The bot's database can't be used at the moment: its disk may be full or failing."
LOCKED = "The bot's database can't be used at the moment: another program has locked it."
CLOSED = "The bot's database has been closed."
LOST_DRAFT = (
    "I lost my notes on the tools that I used for this answer. If I try again, I use them again."
)
