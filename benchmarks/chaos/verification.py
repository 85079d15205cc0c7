"""Verifies a chaos run: compares the questions with Slack and with the store."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from benchmarks.chaos.damage import Damage
from benchmarks.chaos.faulty_model import ENDING, file_label, model_text
from benchmarks.chaos.questions import Place, find_questions
from benchmarks.chaos.simulated_users import SimulatedUsers
from benchmarks.chaos.thread_events import thread_events
from benchmarks.environment import answers
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.store import RecordStore

MAX_THREADS_SHOWN = 5
"""Of how many threads a failure tells all events."""


class Runs(Protocol):
    """What has run the bot."""

    @property
    def damages(self) -> Sequence[Damage]:
        """The pages that were overwritten."""

    @property
    def logged(self) -> str:
        """What the bot has logged, without what a broken disk or database explains."""

    @property
    def tool_log_lines(self) -> Sequence[str]:
        """A line for each time that the tool ran."""


class ChaosReport(NamedTuple):
    """Counts of questions and tool calls."""

    answered: int
    with_file: int
    unacknowledged: int
    damaged: int
    """In threads of which the disk has lost a row: nothing can be said about their answers."""
    tools: int


class Expected(NamedTuple):
    """What the bot has to know of one thread, by the ts of each question."""

    versions: Mapping[str, int]
    """The newest version that it has acknowledged."""
    deleted: AbstractSet[str]
    """Of whose deletion it has been told."""


async def verify(users: SimulatedUsers, runs: Runs, store: RecordStore) -> ChaosReport:
    """Raises AssertionError if something is lost or doubled, with the events of the threads."""
    workspace, questions = users.workspace, users.questions
    acknowledged, deleted = questions.acknowledged, questions.deleted
    left = await store.unanswered()
    results: set[str] = set()
    placed: set[tuple[str, str]] = set()
    faults: list[str] = []
    damaged = _damaged_threads(workspace, runs)
    for root in questions.roots:
        team = TeamId(workspace.team.team_id)
        thread = ThreadKey(team, ChannelId(root.channel), Ts(root.ts))
        stored = await store.load(thread)
        shown = {each.ts: each.shown for each in answers(workspace, root)}
        shown |= _shown_in_channel(workspace, root, stored)
        here = {
            each.ts
            for each in questions.asked
            if each.channel == root.channel and (each.thread_ts or each.ts) == root.ts
        }
        expected = Expected(
            {ts: version for (_, ts), version in acknowledged.items() if ts in here},
            {ts for _, ts in deleted if ts in here},
        )
        if (root.channel, root.ts) in damaged:
            placed |= {(root.channel, ts) for ts in shown}
            continue
        placed |= {(root.channel, ts) for turn in stored.turns for ts in turn.reply_ts}
        try:
            assert thread not in left, f"something is left to do: {await store.waiting(thread)}"
            _compare(stored, shown, expected)
            results |= _results(stored)
        except AssertionError as fault:
            faults.append(f"{fault}\n{thread_events(workspace, root, stored)}")
    stray = [
        each
        for each in users.answers
        if (each.channel, each.ts) not in placed
        and (each.channel, each.thread_ts or each.ts) not in damaged
    ]
    faults += [
        f"a message belongs to no answer: {each.ts} in {each.thread_ts} {each.shown[:99]!r}"
        for each in stray
    ]
    faults += [
        f"a Stop button is left: {each.ts} {each.shown[:99]!r}"
        for each in users.stoppable
        if (each.channel, each.thread_ts or each.ts) not in damaged
    ]
    assert not faults, "\n\n".join(
        [f"{len(faults)} faults, with the events of their threads:", *faults[:MAX_THREADS_SHOWN]]
    )
    tool_log_lines = runs.tool_log_lines
    assert len({*tool_log_lines}) == len(tool_log_lines), "a tool call was run twice"
    assert results <= {*tool_log_lines}, "a tool has a result that was not run"
    assert "Traceback" not in runs.logged, runs.logged
    return ChaosReport(
        answered=len(acknowledged),
        with_file=sum(bool(workspace.messages[each].files) for each in acknowledged),
        unacknowledged=sum(
            not each.deleted and (each.channel, each.ts) not in acknowledged
            for each in questions.asked
        ),
        damaged=sum(
            (each.channel, each.thread_ts or each.ts) in damaged for each in questions.asked
        ),
        tools=len(tool_log_lines),
    )


def _shown_in_channel(
    workspace: Workspace, root: PostedMessage, stored: Conversation
) -> Mapping[str, str]:
    """The stored answers in a thread that people have deleted as a whole: Slack writes them to the
    channel then. The bot takes back what it knows of.
    """
    if workspace.thread(workspace.channels[root.channel], root.ts):
        return {}
    placed = [(root.channel, ts) for turn in stored.turns for ts in turn.reply_ts]
    found = [workspace.messages[each] for each in placed if each in workspace.messages]
    return {each.ts: each.shown for each in found if each.thread_ts is None}


def _damaged_threads(workspace: Workspace, runs: Runs) -> set[Place]:
    """The threads of which a row was overwritten."""
    named = {place for damage in runs.damages for place in damage.messages}
    messages = [workspace.messages[place] for place in named if place in workspace.messages]
    return named | {(each.channel, each.thread_ts or each.ts) for each in messages}


def _compare(stored: Conversation, shown: Mapping[str, str], expected: Expected) -> None:
    """Checks one thread: each question is in one turn, each of the bot's messages in one answer."""
    answered = [turn for turn in stored.turns if turn.answer is not None]
    said = [each.ts for turn in answered for each in turn.messages]
    placed = [ts for turn in stored.turns for ts in turn.reply_ts]
    assert len(set(said)) == len(said), "a question was answered twice"
    assert expected.versions.keys() <= set(said), "a question was lost"
    assert expected.deleted.isdisjoint(said), "a deleted question is still there"
    assert sorted(placed) == sorted(shown), "messages that belong to no answer, or to two"
    for turn in answered:  # other turns were only read in the thread
        is_last = turn is stored.turns[-1]
        _compare_turn(turn, "".join(shown[ts] for ts in turn.reply_ts), expected, is_last=is_last)


def _compare_turn(turn: Turn, shown: str, expected: Expected, *, is_last: bool) -> None:
    assert turn.answer is not None
    if not turn.messages:
        return
    text = model_text(shown)
    assert turn.answer.text.endswith(ENDING), "an answer is not whole"
    assert "".join(text.split()) == "".join(turn.answer.text.split()), (
        f"Slack shows {text[-99:]!r} and not {turn.answer.text[-99:]!r}"
    )
    for each in turn.messages:
        (asked,) = find_questions(each.text)
        newest = expected.versions.get(each.ts, 0)
        assert asked.version >= newest, f"version {newest} of question {asked.number} was lost"
        answered = {asked} if is_last else {asked._replace(version=n) for n in range(newest + 99)}
        assert any(one.label in text for one in answered), (
            f"question {asked.number} is not in its answer, or not its newest version"
        )
        for file in each.files:
            label = file_label(asked.number)
            assert label in text or f"“{file.name}” could not be fetched" in shown, (
                "a question's file was not read, and nobody was told"
            )


def _results(stored: Conversation) -> set[str]:
    """Returns the keys that the tool reports as logged."""
    rounds = [each for turn in stored.turns for each in turn.tool_rounds]
    assert not any(each.awaited for each in rounds), "a tool call has no result"
    return {
        key for each in rounds for key, result in each.results.items() if result == f"noted {key}"
    }
