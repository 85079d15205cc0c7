"""Fifty workspaces on one bot: none slows another down, and nothing crosses."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.conversation.ids import TeamId, UserId
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.store import open_store
from tests.harness import Request
from tests.many_workspaces import ManyWorkspaces, Team, many_workspaces
from tests.replicas import replica_tasks

WORKSPACES = 50

QUESTIONS_IN_FLOOD = 30


def answer(request: Request) -> Script:
    """Repeats all names of workspaces that the model gets to see; a flood's answers are held."""
    seen = json.dumps(request)
    names = " ".join(sorted(set(re.findall(r"Firm\d\d", seen))))
    script = says(f"I know {names} .").paced(0.0)
    return script.held(after=1) if "flood" in seen else script


@pytest.fixture(params=["sqlite", "postgres"])
async def many(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[ManyWorkspaces, int]]:
    """The stage, and how many replicas its database allows."""
    url, count = f"sqlite:///{tmp_path / 'slackbot.db'}", 1
    if request.param == "postgres":
        url, count = request.getfixturevalue("postgres").create_database(), 2
    async with many_workspaces(url, answer) as stage:
        yield stage, count


async def instruct(stage: ManyWorkspaces, *teams: Team) -> None:
    """Each workspace has instructions with its name."""
    store = await open_store(stage.environment["DATABASE_URL"], shared=True)
    for team in teams:
        name = team.workspace.team.name
        change = SettingsChange(UserId("UANA"), ScopeSettings(f"You work for {name}."), 0)
        assert await store.add_revision(Scope(TeamId(team.workspace.team.team_id)), change)
    await store.close()


async def test_fifty_workspaces(many: tuple[ManyWorkspaces, int]) -> None:
    """One is flooded, the token of one is revoked, and the Slack of one never answers: all others
    get whole answers meanwhile, each with its own instructions, names and texts alone.
    """
    stage, count = many
    teams = [stage.add(f"Firm{number:02}") for number in range(WORKSPACES)]
    flooded, revoked, hanging, *others = teams
    async with replica_tasks(count, stage.environment, stage.platform) as replicas:
        await stage.install(replicas[0].port, *teams)
        await instruct(stage, *teams)
        revoked.workspace.token_error = "token_revoked"
        hanging.workspace.faults.add("*", Fault.delay(), times=10_000)
        flood = [await flooded.ask(f"flood {number}") for number in range(QUESTIONS_IN_FLOOD)]
        unanswered = [await each.ask("hello") for each in (revoked, hanging)]
        questions = await asyncio.gather(*(each.ask("hello") for each in others))
        answers = await asyncio.gather(
            *(team.answered(asked, 60.0) for team, asked in zip(others, questions, strict=True))
        )
        assert answers == [f"I know {each.workspace.team.name} ." for each in others]
        assert not any(map(flooded.answer, flood))
        assert hanging.workspace.held_calls
        for team, question in zip((revoked, hanging), unanswered, strict=True):
            assert team.answer(question) is None
        hanging.workspace.faults.clear()
        hanging.workspace.release_calls()
        assert await hanging.answered(unanswered[1]) == "I know Firm02 ."
        stage.model.release()
        for question in flood:
            assert await flooded.answered(question, 60.0) == "I know Firm00 ."
    for team in others:
        assert len(team.bot_messages()) == 1
        assert not any(call.error == "ratelimited" for call in team.workspace.calls)
    for request in stage.model.requests:
        assert len(set(re.findall(r"Firm\d\d", json.dumps(request)))) == 1
