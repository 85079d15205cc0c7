"""Finds words in a channel's conversations."""

from collections.abc import Sequence

from slackbot.conversation.history import Turn
from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import log_bad_row
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table

TURNS_PER_PAGE = 500
"""So many are read in one operation, so that other operations get their turn."""


class TextSearch:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def page(
        self, team: TeamId, channel: ChannelId, words: Sequence[str], after: str
    ) -> tuple[list[tuple[ThreadKey, Turn]], str]:
        """The turns of a page that hold all the words, in any case, oldest first.

        Also gives what to pass as `after` for the next page: "" at first, and at the end.
        """
        found: list[tuple[ThreadKey, Turn]] = []
        wanted = [word.casefold() for word in words]
        rows = self._table.page(after, keys.channel_turns_prefix(team, channel), TURNS_PER_PAGE)
        for key, value in rows:
            try:
                turn = row_format.TURN.read(key, value)
            except UnreadableRowError as error:
                log_bad_row(error, "it is not found")
                continue
            text = _text(turn).casefold()
            if all(word in text for word in wanted):
                found.append((keys.thread_of(key), turn))
        return found, rows[-1][0] if len(rows) == TURNS_PER_PAGE else ""


def _text(turn: Turn) -> str:
    answer = turn.answer.text if turn.answer is not None else ""
    return "\n".join((*(f"{said.name}: {said.whole}" for said in turn.messages), answer))
