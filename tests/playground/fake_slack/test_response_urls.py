import aiohttp

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_response_urls(
    workspace: Workspace,
    app: BareApp,
    session: aiohttp.ClientSession,
    ann: Person,
    channel: Channel,
) -> None:
    """The response URL of a command shows to the person alone, or to the channel on request."""
    await workspace.command(ann, channel, "/instructions", "")
    url = app.received[0]["payload"]["response_url"]
    for response, status in (
        ({"text": "a"}, 200),
        ({"text": "b", "response_type": "in_channel"}, 200),
        ({"blocks": [{"type": "hologram"}]}, 400),
    ):
        async with session.post(url, json=response) as answer:
            assert answer.status == status
    async with session.post(f"{url}x", json={"text": "c"}) as answer:
        assert answer.status == 404
    assert [notice.text for notice in workspace.ephemerals] == ["a"]
    assert [message.text for message in workspace.messages.values()] == ["b"]
