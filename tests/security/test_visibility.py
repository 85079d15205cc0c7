"""People try to read what Slack does not show them, or others: through the bot's answers."""

import json

import pytest

from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.tools import texts
from tests.harness import BotHarness
from tests.tools.tool_calls import call_tool, read_link

SECRET = "the merger"

NOT_VISIBLE = f"Error: {texts.LINK_NOT_VISIBLE}"


class Stage:
    """Eve is from another organisation, Gus is a guest; both are in #with-acme, which is shared."""

    def __init__(self, harness: BotHarness) -> None:
        workspace = harness.workspace
        self.harness = harness
        self.eve = workspace.add_person("Eve", stranger=True)
        self.gus = workspace.add_person("Gus", restricted=True)
        everybody = [harness.ana, harness.ben, self.eve, self.gus]
        self.shared = workspace.add_channel("with-acme", members=everybody)
        self.shared.ext_shared = True
        harness.general.members.add(self.gus.id)
        self.lobby = workspace.add_channel("lobby", members=[harness.ana, harness.ben])
        self.board = workspace.add_channel("board", members=[harness.ben], private=True)

    async def secret_in(self, channel: Channel) -> PostedMessage:
        return await self.harness.workspace.say(self.harness.ben, channel, f"about {SECRET}")


@pytest.fixture
def stage(harness: BotHarness) -> Stage:
    return Stage(harness)


@pytest.mark.parametrize("asker", ["ana", "eve", "gus"])
async def test_links_in_a_shared_channel(stage: Stage, asker: str) -> None:
    """People of another organisation read along there: it gets its own messages, and no others,
    also if a member asks.
    """
    person = stage.harness.ana if asker == "ana" else getattr(stage, asker)
    async with stage.harness.running():
        for channel, is_read in ((stage.lobby, False), (stage.board, False), (stage.shared, True)):
            message = await stage.secret_in(channel)
            found = await read_link(stage.harness, message, person=person, channel=stage.shared)
            assert (SECRET in found) is is_read
            assert is_read or found == NOT_VISIBLE


async def test_links_in_a_group_message(stage: Stage) -> None:
    """Several people read the answer there, so it gets no private channel of one of them."""
    harness = stage.harness
    group = harness.workspace.group_message(harness.ana, harness.ben)
    async with harness.running():
        for channel, is_read in ((stage.board, False), (stage.lobby, True), (group, True)):
            message = await stage.secret_in(channel)
            found = await read_link(harness, message, person=harness.ben, channel=group)
            assert (SECRET in found) is is_read


async def test_direct_messages_of_others(stage: Stage) -> None:
    """Nobody reads what others write to the bot, and their own only where they are alone."""
    harness = stage.harness
    async with harness.running():
        harness.model.enqueue("Aye.")
        message = await stage.secret_in(harness.workspace.direct_message(harness.ben))
        await harness.answered(message, "Aye.")
        mine = harness.workspace.direct_message(harness.ana)
        assert await read_link(harness, message, person=harness.ana, channel=mine) == NOT_VISIBLE
        for channel in (harness.general, stage.shared):
            found = await read_link(harness, message, person=harness.ben, channel=channel)
            assert found == NOT_VISIBLE


@pytest.mark.parametrize("asker", ["eve", "gus"])
async def test_links_in_direct_messages(stage: Stage, asker: str) -> None:
    """Guests and outsiders read there what is said in the channels that they are in."""
    person: Person = getattr(stage, asker)
    mine = stage.harness.workspace.direct_message(person)
    async with stage.harness.running():
        for channel, is_read in ((stage.lobby, False), (stage.board, False), (stage.shared, True)):
            message = await stage.secret_in(channel)
            found = await read_link(stage.harness, message, person=person, channel=mine)
            assert (SECRET in found) is is_read


async def test_what_changed_since_the_link_was_copied(stage: Stage) -> None:
    """A channel that became private, one that a person had to leave, and one that was shared."""
    harness = stage.harness
    mine = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        message = await stage.secret_in(stage.lobby)
        assert SECRET in await read_link(harness, message, channel=mine)
        stage.lobby.kind = "group"
        assert SECRET in await read_link(harness, message, channel=mine)
        assert await read_link(harness, message) == NOT_VISIBLE
        stage.lobby.members.remove(harness.ana.id)
        assert await read_link(harness, message, channel=mine) == NOT_VISIBLE
        other = await stage.secret_in(stage.shared)
        assert SECRET in await read_link(harness, other)
        harness.general.ext_shared = True
        assert await read_link(harness, other) == NOT_VISIBLE


async def test_a_link_with_a_thread_of_another_channel(stage: Stage) -> None:
    """The thread is looked for in the channel that was checked, and is not there."""
    harness = stage.harness
    async with harness.running():
        hidden = await stage.secret_in(stage.board)
        shown = await harness.workspace.say(harness.ben, stage.lobby, "hello")
        for ts, thread in ((shown.ts, hidden.ts), (hidden.ts, shown.ts), (hidden.ts, hidden.ts)):
            link = (
                f"https://x.slack.com/archives/{stage.lobby.id}/p{ts.replace('.', '')}"
                f"?thread_ts={thread}&cid={stage.board.id}"
            )
            found = await call_tool(harness, "read_slack_link", json.dumps({"link": link}))
            assert SECRET not in found


async def test_slack_does_not_say_what_here_is(stage: Stage) -> None:
    """Whether it is shared, for example: then nothing is read."""
    harness = stage.harness
    async with harness.running():
        message = await stage.secret_in(stage.lobby)
        known = {"is_ext_shared": False}
        for body in (known, {}, {"is_ext_shared": "maybe"}, {"is_im": "yes"}):
            answer = {"ok": True, "channel": {"id": harness.general.id, **body}}
            harness.workspace.faults.add(
                "conversations.info",
                Fault("answer", FaultAnswer(200, answer, {})),
                when=lambda args: args["channel"] == harness.general.id,
            )
            found = await read_link(harness, message)
            assert (SECRET in found) is (body == known)


@pytest.mark.parametrize("asker", ["eve", "gus"])
@pytest.mark.parametrize("place", ["channel", "direct"])
async def test_names_of_channels(stage: Stage, asker: str, place: str) -> None:
    """A guest or an outsider who mentions a channel by its ID does not learn its name, nor the
    handle of a group; what Slack shows them has its name.
    """
    harness, person = stage.harness, getattr(stage, asker)
    ops = harness.workspace.add_group("ops-secret")
    here = harness.workspace.direct_message(person) if place == "direct" else stage.shared
    said = f"{harness.bot.mention} <#{stage.lobby.id}|> <!subteam^{ops}> <#{here.id}|>"
    async with harness.running():
        harness.model.enqueue("Aye.")
        question = await harness.workspace.say(person, here, said)
        await harness.answered(question, "Aye.")
    request = json.dumps(harness.model.requests[0])
    assert stage.lobby.id in request
    assert "lobby" not in request
    assert "ops-secret" not in request
    assert ("#with-acme" in request) is (place == "channel")


async def test_names_of_channels_among_members(stage: Stage) -> None:
    """A guest in a channel without outsiders learns none either; a member does."""
    harness = stage.harness
    said = f"{harness.bot.mention} what is <#{stage.lobby.id}|>?"
    async with harness.running():
        for person, is_told in ((stage.gus, False), (harness.ana, True)):
            harness.model.enqueue("Aye.")
            question = await harness.workspace.say(person, harness.general, said)
            await harness.answered(question, "Aye.")
            assert ("#lobby" in json.dumps(harness.model.requests[-1])) is is_told


async def test_names_in_a_linked_thread(stage: Stage) -> None:
    """Nor does a guest who lets the bot read what members have written."""
    harness = stage.harness
    async with harness.running():
        message = await harness.workspace.say(
            harness.ben, harness.general, f"see <#{stage.lobby.id}|> and <#{harness.general.id}|>"
        )
        for person, names in ((stage.gus, False), (harness.ana, True)):
            found = await read_link(harness, message, person=person)
            assert "#general" in found
            assert ("#lobby" in found) is names


async def test_searches(stage: Stage) -> None:
    """A search finds what was said in its channel, whatever the model looks for."""
    harness = stage.harness
    async with harness.running():
        for channel in (stage.lobby, stage.shared):
            harness.model.enqueue(f"Aye, in {channel.name}.")
            said = f"{harness.bot.mention} about {SECRET}"
            question = await harness.workspace.say(harness.ben, channel, said)
            await harness.answered(question, f"Aye, in {channel.name}.")
        found = await call_tool(
            harness,
            "search_conversations",
            '{"words": "merger"}',
            person=stage.eve,
            channel=stage.shared,
        )
    assert "Aye, in with-acme" in found
    assert "lobby" not in found
