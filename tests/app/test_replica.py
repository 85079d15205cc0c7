"""What people see at one replica of what was changed at another."""

import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from slackbot.playground.fake_slack.members import Person
from slackbot.slack.tool_changes_view import ACCEPT_TOOL
from tests.app.pair import pair_of_tasks
from tests.command import run
from tests.harness import BotHarness
from tests.security.mcp_stage import HostileServer, needs_approval, offered, reads, settings
from tests.security.test_mcp_trust import POISON, notes
from tests.slack.test_home_tab import HomeTabHarness


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


def asks_about(harness: BotHarness, admin: Person, tools: Sequence[str]) -> bool:
    """Whether the admin's Home tab asks about just these tools."""
    home = harness.workspace.views.homes.get(admin.id)
    return tools == re.findall(r"`(\w+)`\*? of the MCP server", json.dumps(home))
