"""An item of an ExpiringSet is known for an hour."""

from slackbot.expiring_set import REMEMBERED_SECONDS, ExpiringSet


def test_each_item_is_forgotten_after_its_own_hour() -> None:
    """An item that is added again counts from then on."""
    items: ExpiringSet[str] = ExpiringSet()
    items.add(["a", "b"], 100.0)
    items.add(["b"], 200.0)
    assert items.current(99.0 + REMEMBERED_SECONDS) == {"a", "b"}
    assert items.current(100.0 + REMEMBERED_SECONDS) == {"b"}
    assert items.current(200.0 + REMEMBERED_SECONDS) == frozenset()


def test_an_item_can_be_forgotten_at_once() -> None:
    """It can be added again; what is not there can be removed as well."""
    items: ExpiringSet[str] = ExpiringSet()
    items.add(["a", "b"], 100.0)
    items.remove(["a", "c"])
    assert items.current(100.0) == {"b"}
    items.add(["a"], 200.0)
    assert items.current(200.0) == {"a", "b"}
