"""How often people said what about an answer, in the rows of a table."""

from collections import Counter

from slackbot.conversation.history import Rating, Turn
from slackbot.conversation.ids import TeamId
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import read_or_set_aside, read_row
from slackbot.store.row_format import RatingCount
from slackbot.store.table import Table


class FeedbackTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, team: TeamId) -> dict[Rating, int]:
        """How often people said what about an answer."""
        key, read = keys.feedback_key(team), row_format.RATING_COUNT.read
        counted = read_row(self._table, key, read, "counting starts again") or RatingCount(0, 0)
        return {"good": counted.good, "bad": counted.bad}

    def count(self, team: TeamId, before: Turn, after: Turn) -> None:
        """Counts what changed in a turn's feedback, inside a transaction.

        People may change their minds; what was said of an answer that is gone stays counted.
        """
        changed = {
            user for user in after.feedback if after.feedback[user] != before.feedback.get(user)
        }
        if not changed:
            return
        key, read = keys.feedback_key(team), row_format.RATING_COUNT.read
        stored = read_or_set_aside(self._table, key, read, "counting starts again")
        known = stored or RatingCount(0, 0)
        counted: Counter[Rating] = Counter({"good": known.good, "bad": known.bad})
        counted.update(after.feedback[user] for user in changed)
        counted.subtract(before.feedback[user] for user in changed & before.feedback.keys())
        count = row_format.RATING_COUNT.encode(RatingCount(counted["good"], counted["bad"]))
        self._table.put(key, count)
