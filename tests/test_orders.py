"""What people write behind the command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.orders import VERBS, Order, order_from


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("", Order("show")),
        ("  ", Order("show")),
        ("show", Order("show")),
        ("SET You are a Pirate.\nArr! ", Order("set", "You are a Pirate.\nArr!")),
        ("set", Order("set")),
        ("workspace", Order("show", workspace=True)),
        ("Workspace set  be kind", Order("set", "be kind", workspace=True)),
        ("workspace workspace", Order("help")),
        ("restore 3", Order("restore", "3")),
        ("make it nice", Order("help")),
        ("settings", Order("help")),
    ],
)
def test_orders(words: str, order: Order) -> None:
    """The first word is the verb, in any case; `workspace` may stand before it."""
    assert order_from(words) == order


@given(st.text())
def test_anything_is_some_order(words: str) -> None:
    """Whatever people write is read, and unknown words ask for help."""
    assert order_from(words).verb in VERBS
