"""A search of a long channel lets other operations of the store have their turn."""

from itertools import count
from pathlib import Path

from slackbot.conversation.history import Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.store.row_format import TURN
from slackbot.store.sqlite.table import SqliteTable
from slackbot.store.text_search import TURNS_PER_STATEMENT, TextSearch

TURNS = 12


def test_a_slow_page_ends_early(path: Path) -> None:
    """When its time is over, a page ends with the few turns that it has read."""
    table = SqliteTable.open(path)
    said = Turn((UserMessage("Ann", "question", Ts("1.0"), UserId("U1")),))
    with table.transaction():
        for number in range(TURNS):
            table.put(f"turn/T1/C1/1.0/{number:08d}", TURN.encode(said))
    seconds = map(float, count())
    search = TextSearch(table, clock=lambda: next(seconds))
    sizes: list[int] = []
    after = ""
    while not sizes or after:
        found, after = search.page(TeamId("T1"), ChannelId("C1"), ["question"], after)
        sizes.append(len(found))
    assert max(sizes) <= TURNS_PER_STATEMENT
    assert sum(sizes) == TURNS
    table.close()
