"""The table of servers in the documentation is the one that the tests' profiles make."""

from docs.servers import PAGE, table, with_table
from slackbot.llm.openai.texts import SENT_INSTEAD
from tests.llm.openai.servers.profiles import SERVERS


def test_the_table_is_up_to_date() -> None:
    """docs/servers.md has the table as it is generated; `python -m docs.servers` writes it."""
    page = PAGE.read_text("utf-8")
    assert with_table(page) == page, "run `python -m docs.servers`"


def test_every_server_has_a_row() -> None:
    """Each has its name, and words for all that is left out for it."""
    rows = table().splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [each.name for each in SERVERS]
    assert {feature for each in SERVERS for feature in each.negotiated} <= set(SENT_INSTEAD)
