from slackbot.playground.fake_slack.delivery import Delivery


def test_the_event_of_a_delivery() -> None:
    """Only a delivery of the Events API has an event."""
    event = {"type": "message", "text": "a"}
    assert Delivery("events_api", {"event": event}).event == event
    assert Delivery("interactive", {"type": "block_actions"}).event == {}


def test_a_new_delivery() -> None:
    """A new delivery is neither acknowledged nor settled, and its first attempt is no retry."""
    delivery = Delivery("slash_commands", {})
    assert (delivery.acknowledged, delivery.attempts, delivery.retry) == (False, 0, 0)
    assert not delivery.settled.is_set()
