"""Compares what was asked, what Slack shows, and what is stored."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.chaos.bot_processes import Lives
from benchmarks.chaos.crowd import Crowd
from benchmarks.chaos.faulty_model import WHOLE, names, names_file, written
from benchmarks.environment import answers
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.messages import ThreadKey
from slackbot.store import open_store


class Rating(NamedTuple):
    """How many there were of each."""

    answered: int
    enclosed: int
    unacknowledged: int
    tools: int


async def judge(crowd: Crowd, lives: Lives) -> Rating:
    """Raises AssertionError where something is lost or doubled."""
    workspace, acknowledged = crowd.workspace, crowd.acknowledged
    store = await open_store(lives.database)
    left = await store.unanswered()
    assert not left, f"something is left to do: {[await store.waiting(each) for each in left]}"
    results: set[str] = set()
    for root in crowd.roots:
        stored = await store.load(ThreadKey(workspace.team.team_id, root.channel, root.ts))
        shown = {each.ts: each.shown for each in answers(workspace, root)}
        asked = {each.ts for each in acknowledged if (each.thread_ts or each.ts) == root.ts}
        _compare(stored, shown, asked)
        results |= _results(stored)
    await store.close()
    with_notes = lives.with_notes
    assert len({*with_notes}) == len(with_notes), "a tool call was run twice"
    assert results <= {*with_notes}, "a tool has a result that was not run"
    assert "Traceback" not in lives.logged, lives.logged
    return Rating(
        answered=len(acknowledged),
        enclosed=sum(bool(each.files) for each in acknowledged),
        unacknowledged=len(crowd.questions) - len(acknowledged),
        tools=len(with_notes),
    )


def _compare(stored: Conversation, shown: Mapping[str, str], asked: set[str]) -> None:
    """One thread: every question in one turn, every message of the bot's in one place."""
    answered = [turn for turn in stored.turns if turn.answer is not None]
    said = [each.ts for turn in answered for each in turn.said]
    placed = [ts for turn in stored.turns for ts in turn.place]
    assert len(set(said)) == len(said), "a question was answered twice"
    assert asked <= set(said), "a question was lost"
    assert sorted(placed) == sorted(shown), "messages that belong to no answer, or to two"
    for turn in answered:  # the others were read in the thread: the bot was never told of them
        _compare_turn(turn, "".join(shown[ts] for ts in turn.place))


def _compare_turn(turn: Turn, shown: str) -> None:
    assert turn.answer is not None
    text = written(shown)
    assert turn.answer.text.endswith(WHOLE), "an answer is not whole"
    assert "".join(text.split()) == "".join(turn.answer.text.split()), (
        f"Slack shows {text[-99:]!r} and not {turn.answer.text[-99:]!r}"
    )
    for each in turn.said:
        number = each.text.split()[-1]
        assert names(number) in text, "a question is not in its answer"
        for file in each.files:
            assert names_file(number) in text or f"“{file.name}” could not be fetched" in shown, (
                "a question's file was not read, and nobody was told"
            )


def _results(stored: Conversation) -> set[str]:
    """What the tool said that it has written down."""
    rounds = [each for turn in stored.turns for each in turn.rounds]
    assert not any(each.awaited for each in rounds), "a tool call has no result"
    return {
        key for each in rounds for key, result in each.results.items() if result == f"noted {key}"
    }
