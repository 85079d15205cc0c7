from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_threads(workspace: Workspace, app: BareApp, ann: Person, channel: Channel) -> None:
    """A thread is its first message and the replies, in order."""
    first = await workspace.say(ann, channel, "a")
    await workspace.say(ann, channel, "elsewhere")
    second = await workspace.say(ann, channel, "b", thread=first.ts)
    assert workspace.thread(channel, first.ts) == [first, second]
    assert app.events[-1]["thread_ts"] == first.ts


async def test_what_is_left_of_a_thread(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """A deleted first message stays visible as a tombstone as long as there are replies."""
    first = await workspace.say(ann, channel, "a")
    reply = await workspace.say(ann, channel, "b", thread=first.ts)
    await workspace.delete(ann, first)
    assert workspace.thread(channel, first.ts) == [reply]
    assert workspace.visible_thread(channel, first.ts) == [first, reply]
    assert workspace.json(first)["subtype"] == "tombstone"
    await workspace.delete(ann, reply)
    assert workspace.visible_thread(channel, first.ts) == []
    assert len(app.events) == 5
