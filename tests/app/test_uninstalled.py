"""A workspace removes the app while several replicas serve it."""

import asyncio
from collections.abc import Sequence

import psycopg
from psycopg import sql

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.installations import AppInstallation
from slackbot.slack.manifest import scopes
from tests.app.pair import pair_of_tasks
from tests.harness import BotHarness
from tests.replicas import over_http, replica_tasks


async def test_another_replica_is_told(shared: BotHarness) -> None:
    """The owner stops in the middle of an answer, and what Slack delivers late to any replica is
    not stored: nothing is left of the workspace.
    """
    workspace = shared.workspace
    async with pair_of_tasks(shared) as pair:
        shared.model.enqueue(says("one two three").held(after=1))
        question = await shared.mention("count")
        await shared.answered(question, "one")
        assert pair.owner.service.bot.is_busy()
        await workspace.uninstall()
        await asyncio.wait_for(pair.owner.service.bot.idle(), 20.0)
        pair.deliver_to(pair.owner, pair.other)
        for delivery in workspace.deliveries[-3:]:
            await workspace.redeliver(delivery)
        late = {"channel": shared.general.id, "channel_type": "channel", "user": shared.ana.id}
        for number in range(2):
            text = f"{shared.bot.mention} late"
            await workspace.deliver({"type": "message", "text": text, "ts": f"{number}.1", **late})
        await shared.all_acknowledged()
        assert tables_with_rows(shared) == []
    assert tables_with_rows(shared) == []


async def test_the_app_is_installed_again(shared: BotHarness) -> None:
    """A replica that starts with the new token answers, though one with the old token still runs:
    that one takes in what Slack delivers to it, and does not own the workspace any more.
    """
    workspace = shared.workspace
    async with pair_of_tasks(shared) as pair:
        await workspace.uninstall()
        await asyncio.wait_for(pair.owner.service.bot.idle(), 20.0)
        installation = AppInstallation(shared.bot.id, workspace.team, None, set(scopes()))
        token = workspace.platform.installations.add(installation).value
        workspace.platform.begin(installation)
        environment = over_http({**shared.environment, "SLACK_BOT_TOKEN": token}, workspace)
        async with replica_tasks(1, environment, workspace):
            for replica in (pair.owner, pair.other):
                pair.deliver_to(replica)
                shared.model.enqueue("Aye")
                await shared.answered(await shared.mention("again"), "Aye")


def tables_with_rows(harness: BotHarness) -> Sequence[str]:
    """Those that hold anything about the workspace, but for the note that it has left, and the
    replicas that run with its token.
    """
    with psycopg.connect(harness.environment["DATABASE_URL"]) as connection:
        tables = connection.execute(
            "SELECT table_name::text FROM information_schema.columns "
            "WHERE column_name = 'team_id' AND table_schema = 'public' ORDER BY 1"
        ).fetchall()
        found = []
        for (table,) in tables:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            ((count,),) = connection.execute(query).fetchall()
            if count and table not in ("counters", "replicas"):
                found.append(table)
        kept = connection.execute("SELECT name FROM counters").fetchall()
        return found + [name for (name,) in kept if name != "removed"]
