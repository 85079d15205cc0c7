"""Two databases are the same if their digests are."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.store.row_digest import Row, RowDigest, as_json
from slackbot.store.row_format import TOOL_RESULT, ToolResult, UnreadableRowError

ROWS = st.dictionaries(
    st.sampled_from([f"{kind}/{number}" for kind in ("turn", "open") for number in range(4)]),
    st.binary(max_size=3),
)


def digest(rows: list[Row]) -> RowDigest:
    found = RowDigest()
    found.add(rows)
    return found


@given(ROWS, ROWS, st.randoms())
def test_a_digest_is_that_of_the_rows(
    some: dict[str, bytes], others: dict[str, bytes], order: Random
) -> None:
    """In any order the same rows give the same digest, and other rows another one, which names the
    kinds that differ.
    """
    shuffled = [*some.items()]
    order.shuffle(shuffled)
    first, second = digest([*some.items()]), digest([*others.items()])
    assert first.summary == digest(shuffled).summary
    assert (first.summary == second.summary) == (some == others)
    assert set(first.differences(second)) == {
        key.partition("/")[0] for key, _ in {*some.items()} ^ {*others.items()}
    }


def test_the_time_of_setting_aside_does_not_count() -> None:
    """Nor does it hide what was set aside."""
    assert digest([("corrupt/2026/turn/1", b"x")]).summary == (
        digest([("corrupt/2027/turn/1", b"x")]).summary
    )
    assert digest([("corrupt/2026/turn/1", b"x")]).differences(
        digest([("corrupt/2026/turn/2", b"x")])
    ) == ["corrupt"]


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_a_value_keeps_its_meaning(text: str) -> None:
    """Whatever a model has written, also half a surrogate pair and NUL."""
    row = TOOL_RESULT.encode(ToolResult("call", text))
    kept = as_json(row)
    kept.decode()
    assert as_json(kept) == kept
    pairs = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert TOOL_RESULT.read("draft/x", kept) == ToolResult("call", pairs)


@pytest.mark.parametrize(
    "value",
    [b"", b"\xff\x00", b"{", b'{"v":5,"call":NaN}', b"\0", b"[" * 100_000, b'{"a":"\n"}'],
)
def test_what_is_no_json_stays_unreadable(value: bytes) -> None:
    """It becomes a text that shows it, which is no row of ours."""
    kept = as_json(value)
    assert isinstance(json.loads(kept), str)
    with pytest.raises(UnreadableRowError):
        TOOL_RESULT.read("draft/x", kept)
