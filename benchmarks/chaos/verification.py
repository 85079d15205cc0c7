"""Verifies a chaos run: compares the questions with Slack and with the store."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.chaos.bot_processes import BotRuns
from benchmarks.chaos.faulty_model import ENDING, file_label, model_text, question_label
from benchmarks.chaos.simulated_users import SimulatedUsers
from benchmarks.environment import answers
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.store import open_store


class ChaosReport(NamedTuple):
    """Counts of questions and tool calls."""

    answered: int
    with_file: int
    unacknowledged: int
    tools: int


async def verify(users: SimulatedUsers, runs: BotRuns) -> ChaosReport:
    """Raises AssertionError if something is lost or doubled."""
    workspace, acknowledged = users.workspace, users.acknowledged
    store = await open_store(runs.database)
    left = await store.unanswered()
    assert not left, f"something is left to do: {[await store.waiting(each) for each in left]}"
    results: set[str] = set()
    for root in users.roots:
        stored = await store.load(
            ThreadKey(TeamId(workspace.team.team_id), ChannelId(root.channel), Ts(root.ts))
        )
        shown = {each.ts: each.shown for each in answers(workspace, root)}
        asked = {each.ts for each in acknowledged if (each.thread_ts or each.ts) == root.ts}
        _compare(stored, shown, asked)
        results |= _results(stored)
    await store.close()
    tool_log_lines = runs.tool_log_lines
    assert len({*tool_log_lines}) == len(tool_log_lines), "a tool call was run twice"
    assert results <= {*tool_log_lines}, "a tool has a result that was not run"
    assert "Traceback" not in runs.logged, runs.logged
    return ChaosReport(
        answered=len(acknowledged),
        with_file=sum(bool(each.files) for each in acknowledged),
        unacknowledged=len(users.questions) - len(acknowledged),
        tools=len(tool_log_lines),
    )


def _compare(stored: Conversation, shown: Mapping[str, str], asked: set[str]) -> None:
    """Checks one thread: each question is in one turn, each of the bot's messages in one answer."""
    answered = [turn for turn in stored.turns if turn.answer is not None]
    said = [each.ts for turn in answered for each in turn.messages]
    placed = [ts for turn in stored.turns for ts in turn.reply_ts]
    assert len(set(said)) == len(said), "a question was answered twice"
    assert asked <= set(said), "a question was lost"
    assert sorted(placed) == sorted(shown), "messages that belong to no answer, or to two"
    for turn in answered:  # other turns were only read in the thread
        _compare_turn(turn, "".join(shown[ts] for ts in turn.reply_ts))


def _compare_turn(turn: Turn, shown: str) -> None:
    assert turn.answer is not None
    text = model_text(shown)
    assert turn.answer.text.endswith(ENDING), "an answer is not whole"
    assert "".join(text.split()) == "".join(turn.answer.text.split()), (
        f"Slack shows {text[-99:]!r} and not {turn.answer.text[-99:]!r}"
    )
    for each in turn.messages:
        number = each.text.split()[-1]
        assert question_label(number) in text, "a question is not in its answer"
        for file in each.files:
            assert file_label(number) in text or f"“{file.name}” could not be fetched" in shown, (
                "a question's file was not read, and nobody was told"
            )


def _results(stored: Conversation) -> set[str]:
    """Returns the keys that the tool reports as logged."""
    rounds = [each for turn in stored.turns for each in turn.tool_rounds]
    assert not any(each.awaited for each in rounds), "a tool call has no result"
    return {
        key for each in rounds for key, result in each.results.items() if result == f"noted {key}"
    }
