"""The names of channels and groups, as people where the bot answers may know them."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from slackbot.conversation.ids import ChannelId
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.playground.fake_slack.members import Channel
from slackbot.slack.client import web_client
from slackbot.slack.mention_names import PRIVATE_CHANNEL, MentionNames
from tests.harness import BotHarness


@pytest.fixture
async def names(harness: BotHarness) -> AsyncIterator[MentionNames]:
    async with web_client(harness.workspace.url, harness.workspace.bot_token) as client:
        names = MentionNames(client)
        yield names
        await names.close()


async def test_channels(harness: BotHarness, names: MentionNames) -> None:
    """Public channels have their names everywhere, a private one only among its own people."""
    here = ChannelId(harness.general.id)

    async def name(channel: Channel, place: str = here) -> str | None:
        return await names.name(channel.id, ChannelId(place))

    private = harness.workspace.add_channel("layoffs", private=True)
    foreign = harness.workspace.add_channel("board", private=True, with_bot=False)
    public = harness.workspace.add_channel("random", with_bot=False)
    direct = harness.workspace.direct_message(harness.ana)
    assert await name(public) == "#random"
    assert await name(private, private.id) == "#layoffs"
    for hidden in (private, foreign, direct):
        assert await name(hidden) == PRIVATE_CHANNEL


async def test_a_channel_shared_with_another_organisation(
    harness: BotHarness, names: MentionNames
) -> None:
    """Its people do not read there what other channels are called; nor where Slack does not tell
    whether they are in it.
    """
    project = harness.workspace.add_channel("project-secret")
    shared = harness.workspace.add_channel("with-acme")
    shared.ext_shared = True
    assert await names.name(project.id, ChannelId(shared.id)) is None
    assert await names.name(shared.id, ChannelId(shared.id)) == "#with-acme"
    assert await names.name(project.id, ChannelId("C404")) is None
    assert await names.name(project.id, ChannelId(harness.general.id)) == "#project-secret"


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ({"is_ext_shared": False}, True),
        ({"is_im": True}, True),
        ({}, False),
        ({"is_ext_shared": "maybe"}, False),
        ({"is_ext_shared": False, "is_pending_ext_shared": True}, False),
    ],
)
async def test_what_slack_leaves_out(
    harness: BotHarness, names: MentionNames, said: Mapping[str, Any], *, is_told: bool
) -> None:
    """A channel counts as shared unless Slack says that it is not. In a direct message nobody else
    reads along.
    """
    here, project = ChannelId(harness.general.id), harness.workspace.add_channel("project-secret")
    answer = {"ok": True, "channel": {"id": here, **said}}
    harness.workspace.faults.add(
        "conversations.info",
        Fault("answer", FaultAnswer(200, answer, {})),
        when=lambda args: args["channel"] == here,
    )
    assert await names.name(project.id, here) == ("#project-secret" if is_told else None)


async def test_groups(harness: BotHarness, names: MentionNames) -> None:
    """One call tells the handles of all groups; people of other organisations read none."""
    here = ChannelId(harness.general.id)
    ops, dev = (harness.workspace.add_group(handle) for handle in ("ops", "dev"))
    assert [await names.name(each, here) for each in (ops, dev, "S404")] == ["ops", "dev", None]
    asked = [call.method for call in harness.workspace.calls]
    assert sorted(asked) == ["conversations.info", "usergroups.list"]
    shared = harness.workspace.add_channel("with-acme")
    shared.ext_shared = True
    assert await names.name(ops, ChannelId(shared.id)) is None


async def test_without_the_scopes(harness: BotHarness, names: MentionNames) -> None:
    """Where the app may not look names up it has none, and does not ask again and again."""
    harness.workspace.scopes = set()
    group = harness.workspace.add_group("ops")
    here = ChannelId(harness.general.id)
    for _ in range(2):
        assert await names.name(here, here) is None
        assert await names.name(group, here) is None
    assert len(harness.workspace.calls) == 2


async def test_a_failure_that_passes(harness: BotHarness, names: MentionNames) -> None:
    """After an outage the name is looked up again."""
    harness.workspace.faults.add("conversations.info", Fault.status(503))
    here = ChannelId(harness.general.id)
    assert [await names.name(here, here) for _ in range(2)] == [None, "#general"]
