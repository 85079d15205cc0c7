import pytest

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_kinds_of_channels(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """An event names the kind of its channel; each person has one direct message."""
    ben = workspace.add_person("ben")
    assert workspace.direct_message(ann) is workspace.direct_message(ann)
    for channel in (
        workspace.add_channel("secret", private=True),
        workspace.group_message(ann, ben),
        workspace.direct_message(ann),
    ):
        await workspace.say(ann, channel, "hi")
    assert [event["channel_type"] for event in app.events] == ["group", "mpim", "im"]


def test_what_the_bot_may_see(workspace: Workspace, ann: Person) -> None:
    """The bot sees public channels and its own; a person's id means their direct message."""
    public = workspace.add_channel("open", with_bot=False)
    private = workspace.add_channel("secret", private=True, with_bot=False)
    assert workspace.channel(public.id) is public
    assert workspace.channel(ann.id) is workspace.direct_message(ann)
    with pytest.raises(RefusedError, match="channel_not_found"):
        workspace.channel(private.id)
    with pytest.raises(RefusedError, match="not_in_channel"):
        workspace.joined_channel(public.id)


def test_roles(workspace: Workspace) -> None:
    """An owner is an admin, a single-channel guest is a guest, an outsider has another team."""
    assert workspace.add_person("owner", owner=True).admin
    assert workspace.add_person("guest", ultra_restricted=True).restricted
    outsider = workspace.add_person("outsider", stranger=True)
    assert outsider.team_id != workspace.team.team_id
