import asyncio
from typing import Any

import pytest

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


def described(events: list[dict[str, Any]]) -> list[str]:
    """The subtype of each event, or the text of a new message."""
    return [event.get("subtype") or event.get("text", "") for event in events]


async def test_held_events(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """Events that are held back arrive in their order when the context ends."""
    async with workspace.hold_events() as held:
        message = await workspace.say(ann, channel, "a")
        await workspace.edit(ann, message, "b")
        assert [delivery.held for delivery in held] == [True, True]
        assert app.events == []
    assert described(app.events) == ["a", "message_changed"]
    assert all(delivery.acknowledged for delivery in held)
    await workspace.say(ann, channel, "c")
    assert described(app.events)[2:] == ["c"]


@pytest.mark.parametrize("change", ["message_changed", "message_deleted"])
async def test_a_change_before_its_message(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel, change: str
) -> None:
    """An edit or a deletion can be delivered before the message that it is about."""
    async with workspace.hold_events() as held:
        message = await workspace.say(ann, channel, "a")
        if change == "message_changed":
            await workspace.edit(ann, message, "b")
        else:
            await workspace.delete(ann, message)
        await workspace.release(held[1])
        assert described(app.events) == [change]
    assert described(app.events) == [change, "a"]


async def test_holding_some_events(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """With a condition only the deliveries that meet it are held back."""
    ben = workspace.add_person("ben")
    async with workspace.hold_events(lambda delivery: delivery.event.get("user") == ann.id):
        await workspace.say(ann, channel, "a")
        await workspace.say(ben, channel, "b")
        assert described(app.events) == ["b"]
    assert described(app.events) == ["b", "a"]


async def test_an_older_edit_again(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """An older edit can be delivered again after a newer one, unchanged, with its own time."""
    message = await workspace.say(ann, channel, "a")
    (older,) = await workspace.edit(ann, message, "b")
    await workspace.edit(ann, message, "c")
    again = await workspace.redeliver(older)
    assert again.acknowledged
    texts = [event["message"]["text"] for event in app.events[1:]]
    edits = [event["message"]["edited"]["ts"] for event in app.events[1:]]
    assert texts == ["b", "c", "b"]
    assert edits[0] == edits[2] < edits[1]
    assert app.received[-1]["payload"]["event_id"] == older.payload["event_id"]


async def test_events_that_overtake_each_other(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """An event with a latency arrives after one that was sent later."""
    message = await workspace.say(ann, channel, "a")

    def latency(delivery: Delivery) -> float:
        return 0.2 if delivery.event["message"]["text"] == "b" else 0.0

    workspace.feed.latency = latency
    await asyncio.gather(workspace.edit(ann, message, "b"), workspace.edit(ann, message, "c"))
    assert [event["message"]["text"] for event in app.events[1:]] == ["c", "b"]


async def test_delivering_while_events_are_held(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """What a test delivers itself arrives at once, and only once, although events are held."""
    async with workspace.hold_events():
        await workspace.say(ann, channel, "a")
        delivery = await workspace.deliver({"type": "message", "text": "b"})
        await workspace.redeliver(delivery)
        assert described(app.events) == ["b", "b"]
    assert described(app.events) == ["b", "b", "a"]


async def test_a_failing_test_holds_nothing_up(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """An error within the context leaves it at once, and events flow again."""

    async def failing() -> None:
        async with workspace.hold_events():
            await workspace.say(ann, channel, "a")
            raise LookupError

    with pytest.raises(LookupError):
        await failing()
    await workspace.say(ann, channel, "b")
    assert described(app.events) == ["b"]
