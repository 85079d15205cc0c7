"""The effect of changes on waiting and answered messages."""

from dataclasses import replace

import pytest

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.changes import Change, Deleted, Edited, FilesAdded, Rated, Regenerated
from slackbot.conversation.history import Answer, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey

U1 = UserId("U1")

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))
FIRST = Message(THREAD, Ts("1.0"), U1, "first")
WAITING = QueuedMessage(FIRST, (Ts("3.0"),))
TURN = Turn(
    (
        UserMessage("Ann", "first", Ts("1.0"), U1),
        UserMessage("Ben", "second", Ts("2.0"), UserId("U2")),
    ),
    Answer("both"),
    (Ts("3.0"), Ts("4.0")),
    {U1: "good"},
)
NEW = replace(FIRST, markup="anew")


def edited(*, wants_answer: bool = True) -> Edited:
    return Edited(NEW, "anew", wants_answer)


def test_an_edit_changes_the_text_alone() -> None:
    """An edited question says something else; who said it, and the answer, stay."""
    turn = edited().to_turn(TURN)
    assert [said.text for said in turn.messages] == ["anew", "second"]
    assert replace(turn, messages=TURN.messages) == TURN


def test_an_edit_may_make_a_question() -> None:
    """An edit can make a message one for the bot, or one between people."""
    said = edited(wants_answer=False).to_turn(TURN).messages
    assert [each.for_bot for each in said] == [False, True]


@pytest.mark.parametrize(
    ("wants_answer", "last", "again"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_an_edit_is_answered_where_it_was_the_last(
    *, wants_answer: bool, last: bool, again: bool
) -> None:
    """An edited question is answered again if it is the last one and for the bot."""
    assert edited(wants_answer=wants_answer).again(TURN, last=last) == again


def test_an_edit_that_is_told_twice_is_answered_once() -> None:
    """An edit without a change is no reason to answer again."""
    assert not edited().again(edited().to_turn(TURN), last=True)


def test_an_edit_before_the_turn() -> None:
    """A message that waits is answered as it reads now, in the place that it has."""
    assert edited().to_waiting(WAITING) == QueuedMessage(NEW, (Ts("3.0"),))


def test_one_of_two_questions_is_deleted() -> None:
    """A deleted question leaves; the answer stays as long as somebody else had asked."""
    turn = Deleted(Ts("1.0")).to_turn(TURN)
    assert turn == replace(TURN, messages=TURN.messages[1:])


def test_the_last_question_is_deleted() -> None:
    """With its only question an answer leaves the history."""
    turn = Deleted(Ts("2.0")).to_turn(Deleted(Ts("1.0")).to_turn(TURN))
    assert turn == Turn((), None, TURN.reply_ts)


def test_an_answer_is_deleted() -> None:
    """A deleted answer leaves, whichever of its messages it was; the questions stay."""
    assert Deleted(Ts("4.0")).to_turn(TURN) == Turn(TURN.messages)


def test_a_deletion_before_the_turn() -> None:
    """A message that is deleted before its turn is withdrawn, and its text is gone at once."""
    withdrawn = Deleted(Ts("1.0")).to_waiting(WAITING)
    assert withdrawn == QueuedMessage(replace(FIRST, markup=""), (Ts("3.0"),), deleted=True)


def test_the_last_word_counts() -> None:
    """Each person rates an answer once; what they said last counts."""
    turn = Rated(Ts("3.0"), U1, "bad").to_turn(Rated(Ts("4.0"), UserId("U2"), "good").to_turn(TURN))
    assert turn.feedback == {"U1": "bad", "U2": "good"}


@pytest.mark.parametrize(
    "change", [Rated(Ts("1.0"), U1, "bad"), Deleted(Ts("9.0")), Regenerated(Ts("1.0"))]
)
def test_only_answers_are_changed(change: Change) -> None:
    """Only an answer can be rated or regenerated, and only an existing message deleted."""
    assert change.to_turn(TURN) == TURN
    assert not change.again(TURN, last=True)


@pytest.mark.parametrize("last", [True, False])
def test_any_answer_can_be_regenerated(*, last: bool) -> None:
    """Somebody may want any answer once more, as long as its question is there."""
    assert Regenerated(Ts("4.0")).again(TURN, last=last)
    assert not Regenerated(Ts("4.0")).again(Turn((), None, TURN.reply_ts), last=last)


FILES = (Attachment("F1", "a.png"),)
FILED = FilesAdded(replace(FIRST, files=FILES))


def test_files_that_come_the_second_time() -> None:
    """Files are added where there are none, and the question is answered again."""
    assert FILED.to_waiting(WAITING).message.files == FILES
    turn = FILED.to_turn(TURN)
    assert [said.files for said in turn.messages] == [FILES, ()]
    assert FILED.again(TURN, last=True)
    assert not FILED.again(TURN, last=False)
    assert FILED.to_turn(turn) == turn
    assert not FILED.again(turn, last=True)


def test_files_of_a_deleted_message() -> None:
    """They leave with it, and do not come back."""
    withdrawn = Deleted(Ts("1.0")).to_waiting(replace(WAITING, message=FILED.message))
    assert withdrawn.message.files == ()
    assert FILED.to_waiting(withdrawn) == withdrawn


def test_an_edit_takes_a_file_away() -> None:
    """The files are those of the message as it stands now."""
    turn = edited().to_turn(FILED.to_turn(TURN))
    assert [said.files for said in turn.messages] == [(), ()]
