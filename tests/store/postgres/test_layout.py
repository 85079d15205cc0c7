"""Each row of a key has its columns."""

import pytest

from slackbot.store.keys import POSSIBLE
from slackbot.store.postgres.layout import KINDS, condition, from_key

THREAD = "T1/C1/1.2"


@pytest.mark.parametrize(
    ("key", "table", "values"),
    [
        (
            f"inbox/{THREAD}/000000000017/press/U1/a/b",
            "inbox",
            ["T1", "C1", "1.2", 17, "press/U1/a/b"],
        ),
        (f"turn/{THREAD}/00000003", "turns", ["T1", "C1", "1.2", 3]),
        (f"draft/{THREAD}/1.2", "drafts", ["T1", "C1", "1.2", "1.2", -1, -1]),
        (f"draft/{THREAD}/1.2/0004/0012", "drafts", ["T1", "C1", "1.2", "1.2", 4, 12]),
        ("corrupt/2026-01-01/turn/T1/C1", "unreadable_rows", ["2026-01-01", "turn/T1/C1"]),
        ("meta/inbox/T1", "counters", ["inbox", "T1"]),
    ],
)
def test_a_key_has_a_row(key: str, table: str, values: list[str | int]) -> None:
    """Its parts are the columns of a primary key, the numbers among them as numbers."""
    kind, _, _ = condition(f"{key.partition('/')[0]}/")
    assert kind.table == table
    assert from_key(key, "=")[1] == values


@pytest.mark.parametrize(
    ("prefix", "where", "values"),
    [
        ("turn/", "true", []),
        ("turn/T1/", "team_id = %s", ["T1"]),
        (f"turn/{THREAD}/", "team_id = %s AND channel_id = %s AND thread_ts = %s", None),
        (
            f"inbox/{THREAD}/000000000017/",
            "team_id = %s AND channel_id = %s AND thread_ts = %s AND number = %s",
            ["T1", "C1", "1.2", 17],
        ),
        (
            "allowed/T1/C1/U1",
            "team_id = %s AND channel_id = %s AND user_id >= %s AND user_id < %s",
            ["T1", "C1", "U1", "U2"],
        ),
    ],
)
def test_a_prefix_is_a_condition(prefix: str, where: str, values: list[str | int] | None) -> None:
    """Whole parts are equal, and the last one begins with the rest."""
    _, condition_, found = condition(prefix)
    assert condition_ == where
    assert found == (values or found)


def test_every_kind_has_a_table() -> None:
    """What SQLite keeps, PostgreSQL keeps."""
    assert set(POSSIBLE) <= set(KINDS)
    assert len({kind.table for kind in KINDS.values()}) == len(KINDS)
