"""What people see at one replica of what was changed at another."""

import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from slackbot.playground.fake_openai.script import calls
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.tool_changes_view import ACCEPT_TOOL
from tests.app.pair import pair_of_tasks
from tests.command import run
from tests.harness import BotHarness, buttons
from tests.instructions_harness import InstructionsHarness
from tests.security.mcp_stage import HostileServer, needs_approval, offered, reads, settings
from tests.security.test_mcp_trust import POISON, notes
from tests.slack.test_home_tab import HomeTabHarness
from tests.tools import sample_tools
from tests.tools.tool_calls import call_tool


async def test_home_tabs_show_what_another_replica_has_set(shared: BotHarness) -> None:
    """A change refreshes the tabs that people have opened anywhere; who made it sees it once."""
    tabs = HomeTabHarness(shared)
    async with pair_of_tasks(shared) as pair:
        await tabs.home(tabs.ada)
        pair.deliver_to(pair.owner)
        await tabs.home(shared.ben)
        published = tabs.published
        await tabs.command(tabs.ada, "set You are a parrot.")
        await shared.workspace.until(lambda: "You are a parrot." in tabs.seen(tabs.ada))
        await shared.workspace.until(lambda: tabs.published >= published + 2)
        assert tabs.published == published + 2


async def test_home_tabs_show_what_the_command_line_has_set(
    shared: BotHarness, tmp_path: Path
) -> None:
    """`slackbot instructions import` changes the database that replicas use."""
    tabs = HomeTabHarness(shared)
    async with pair_of_tasks(shared):
        await tabs.home(tabs.ada)
        file = tmp_path / "set.yml"
        file.write_text("workspace: {text: You are a captain.}")
        environment = shared.environment
        code, _, error = await run(tmp_path, "instructions", "import", str(file), **environment)
        assert (code, error) == (0, "")
        await shared.workspace.until(lambda: "You are a captain." in tabs.seen(tabs.ada))


async def test_an_admin_accepts_a_tool_at_another_replica(
    shared: BotHarness, tmp_path: Path
) -> None:
    """The admin is told once, by the owner; what is accepted anywhere counts in the next answer,
    and stays accepted when the owner changes.
    """
    workspace, server = shared.workspace, HostileServer(tmp_path)
    admin = workspace.add_person("Adam")
    mcp = {**settings(tmp_path, evil=server.config()), "SLACKBOT_ADMINS": admin.id}
    server.says(reads("echo"), reads("look"))
    async with pair_of_tasks(shared, mcp):
        assert not await needs_approval(shared, "evil_echo")
    server.says(reads("echo", description=POISON), reads("look", description=POISON))
    async with pair_of_tasks(shared, mcp) as pair:
        await workspace.until(lambda: notes(shared, admin))
        assert await needs_approval(shared, "evil_echo")
        for replica, names in ((pair.other, ["echo", "look"]), (pair.owner, ["look"])):
            pair.deliver_to(replica)
            await workspace.open_home(admin)
            await workspace.until(partial(asks_about, shared, admin, names))
            home = workspace.views.homes[admin.id]
            await workspace.click(admin, home, ACCEPT_TOOL)
            await workspace.until(partial(asks_about, shared, admin, names[1:]))
        for tool in ("evil_echo", "evil_look"):
            assert not await needs_approval(shared, tool)
            assert offered(shared)[tool]["description"] == POISON
    async with pair_of_tasks(shared, mcp):
        for tool in ("evil_echo", "evil_look"):
            assert not await needs_approval(shared, tool)
    assert len(notes(shared, admin)) == 1


async def test_an_admin_accepts_what_another_replica_has_seen(
    shared: BotHarness, tmp_path: Path
) -> None:
    """The replica that takes in the press asks the server for its tools, as its list is older."""
    workspace, server = shared.workspace, HostileServer(tmp_path)
    admin = workspace.add_person("Adam")
    mcp = {**settings(tmp_path, evil=server.config()), "SLACKBOT_ADMINS": admin.id}
    server.says(reads("echo"), reads("die"))
    async with pair_of_tasks(shared, mcp) as pair:
        server.says(reads("echo", description=POISON), reads("die"))
        await call_tool(shared, "evil_die")  # the owner's program is started again
        await workspace.until(lambda: notes(shared, admin))
        assert await needs_approval(shared, "evil_echo")
        pair.deliver_to(pair.owner)
        await workspace.open_home(admin)
        await workspace.until(partial(asks_about, shared, admin, ["echo"]))
        pair.deliver_to(pair.other)
        await workspace.click(admin, workspace.views.homes[admin.id], ACCEPT_TOOL)
        await workspace.until(partial(asks_about, shared, admin, []))
        assert not await needs_approval(shared, "evil_echo")
        assert offered(shared)["evil_echo"]["description"] == POISON


def asks_about(harness: BotHarness, admin: Person, tools: Sequence[str]) -> bool:
    """Whether the admin's Home tab asks about just these tools."""
    home = harness.workspace.views.homes.get(admin.id)
    return tools == re.findall(r"`(\w+)`\*? of the MCP server", json.dumps(home))


async def test_a_command_that_two_replicas_get(
    shared: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """A signed command that is sent to another replica again takes effect once."""
    team = InstructionsHarness(shared)
    async with pair_of_tasks(shared) as pair:
        await team.command(team.ada, "set You are a parrot.")
        await team.command(team.ada, "set You are a captain.")
        await team.command(team.ada, "undo")
        undo = shared.workspace.deliveries[-1]
        assert undo.kind == "slash_commands"
        for replica in (pair.owner, pair.other):
            pair.deliver_to(replica)
            assert (await shared.workspace.redeliver(undo)).acknowledged
            assert "You are a parrot." in await team.command(team.ada, "show")  # comes after it
        assert caplog.text.count("was delivered again") == 2
        assert await team.persona() == "You are a parrot."


async def test_the_owner_leaves_while_a_question_waits(shared: BotHarness) -> None:
    """The next owner asks again under the same answer. A press on the old question decides nothing,
    and the tool runs once.
    """
    sample_tools.runs.clear()
    async with pair_of_tasks(shared, {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}) as pair:
        shared.model.enqueue(calls("sink", json.dumps({"ship": "Ann"})))
        question = await shared.mention("sink the Ann")
        await shared.workspace.until(partial(is_asked, shared, question))
        (asked,) = shared.answers(question)
        old = buttons(asked)["confirm"]
        shared.model.enqueue(calls("sink", json.dumps({"ship": "Ann"})), "It is gone.")
        await pair.owner.stop()
        await shared.workspace.until(partial(is_asked, shared, question, but_for=old))
        assert "confirm" in buttons(shared.answers(question)[-1])
        await shared.press(shared.ana, question, "confirm")
        assert "It is gone." in (await shared.finished(question)).shown
        assert len(shared.answers(question)) == 1
        assert sample_tools.runs["sink"] == 1


def is_asked(harness: BotHarness, question: PostedMessage, *, but_for: str = "") -> bool:
    """Whether people are asked to approve a call, other than this one."""
    answers = harness.answers(question)
    return bool(answers) and buttons(answers[-1]).get("confirm", but_for) != but_for
