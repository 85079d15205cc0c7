"""Finds words in a channel's conversations."""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from slackbot.conversation.history import Turn
from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import log_bad_row
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table

STEP_SECONDS = 0.02
"""How long a page takes, about, so that other operations get their turn."""

TURNS_PER_STATEMENT = 5
"""What tools did for a turn may be megabytes."""


class TextSearch:
    """Blocks."""

    def __init__(self, table: Table, clock: Callable[[], float] = monotonic) -> None:
        """`clock` counts seconds: how long a page has taken."""
        self._table = table
        self._clock = clock

    def page(
        self, team: TeamId, channel: ChannelId, words: Sequence[str], after: str
    ) -> tuple[list[tuple[ThreadKey, Turn]], str]:
        """The turns of a page that hold all the words, in any case, oldest first.

        Also gives what to pass as `after` for the next page: "" at first, and at the end.
        """
        found: list[tuple[ThreadKey, Turn]] = []
        wanted = [word.casefold() for word in words]
        prefix, end = keys.channel_turns_prefix(team, channel), self._clock() + STEP_SECONDS
        while rows := self._table.page(after, prefix, TURNS_PER_STATEMENT):
            found += _found(rows, wanted)
            after = rows[-1][0]
            if self._clock() > end:
                return found, after
        return found, ""


def _found(
    rows: Sequence[tuple[str, bytes]], wanted: Sequence[str]
) -> Iterator[tuple[ThreadKey, Turn]]:
    for key, value in rows:
        try:
            turn = row_format.TURN.read(key, value)
        except UnreadableRowError as error:
            log_bad_row(error, "it is not found")
            continue
        text = _text(turn).casefold()
        if all(word in text for word in wanted):
            yield keys.thread_of(key), turn


def _text(turn: Turn) -> str:
    answer = turn.answer.text if turn.answer is not None else ""
    return "\n".join((*(f"{said.name}: {said.whole}" for said in turn.messages), answer))
