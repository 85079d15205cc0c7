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


def edited_at(ts: str, text: str = "anew") -> Edited:
    message = replace(NEW, markup=text, edited_ts=Ts(ts))
    return Edited(message, text, wants_answer=True)


def test_an_edit_that_arrives_late_changes_nothing() -> None:
    """Slack may deliver edits out of order: one that is as old as the last, or older, is left out,
    in a message that waits and in one that was answered.
    """
    waiting, turn = edited_at("9.5").to_waiting(WAITING), edited_at("9.5").to_turn(TURN)
    for late in ("9.5", "9.40", "8.9"):
        assert edited_at(late, "old").to_waiting(waiting) == waiting
        assert edited_at(late, "old").to_turn(turn) == turn
    assert edited_at("10.0").to_waiting(waiting).message.edited_ts == "10.0"
    assert edited_at("10.0").to_turn(turn).messages[0].edited_ts == "10.0"


def test_an_edit_without_a_time_forgets_none() -> None:
    """An edit whose time Slack does not say counts, and the time that was known stays: what is
    older than that is still left out.
    """
    waiting, turn = edited_at("9.5").to_waiting(WAITING), edited_at("9.5").to_turn(TURN)
    assert edited().to_waiting(waiting).message.edited_ts == "9.5"
    assert edited().to_turn(turn).messages[0].edited_ts == "9.5"


def test_only_what_it_says_makes_an_answer_outdated() -> None:
    """An edit that leaves the text as it is, as Slack sends for a preview of a link, changes the
    time, and is no reason to answer again.
    """
    turn = edited_at("9.5").to_turn(TURN)
    assert not edited_at("10.0").again(turn, last=True)
    assert edited_at("10.0", "first").again(turn, last=True)


def test_an_edit_of_a_deleted_message_does_not_bring_it_back() -> None:
    """A message that was deleted while it waited stays deleted, whatever edit arrives late."""
    withdrawn = Deleted(Ts("1.0")).to_waiting(WAITING)
    assert edited().to_waiting(withdrawn) == withdrawn
    assert edited_at("9.5").to_waiting(withdrawn) == withdrawn


def test_a_remark_that_becomes_a_question_needs_its_authors_rights() -> None:
    """A remark in the turn of another person's question becomes a question: it gets a turn of its
    own, as it is answered with the rights of its author. That is not so for one's own remark, for
    what was a question already, for an edit that asks nothing, and for an older edit.
    """
    ann, ben = TURN.messages
    remark = replace(TURN, messages=(replace(ann, for_bot=False), ben))
    assert edited().needs_own_turn(remark)
    assert not edited(wants_answer=False).needs_own_turn(remark)
    assert not edited().needs_own_turn(TURN)
    assert not edited().needs_own_turn(replace(TURN, messages=(remark.messages[0],)))
    between_people = replace(
        TURN, messages=tuple(replace(each, for_bot=False) for each in TURN.messages)
    )
    assert not edited().needs_own_turn(between_people)
    own = replace(TURN, messages=(remark.messages[0], replace(ben, user=U1)))
    assert not edited().needs_own_turn(own)
    known = replace(remark.messages[0], edited_ts=Ts("9.5"))
    assert not edited_at("9.5").needs_own_turn(replace(TURN, messages=(known, ben)))
    assert edited_at("9.6").needs_own_turn(replace(TURN, messages=(ben, known)))


def test_an_edit_keeps_what_is_said_in_a_recording() -> None:
    """A recording is transcribed once: an edit of its message keeps the words of the files that
    stay.
    """
    first, second = Attachment("F1", "a.mp3"), Attachment("F2", "b.mp3")
    known = replace(TURN.messages[0], files=(replace(first, words="hello"), second))
    third = Attachment("F3", "c.mp3")
    edit = Edited(replace(NEW, files=(second, first, third)), "anew", wants_answer=True)
    after = edit.to_turn(replace(TURN, messages=(known,))).messages[0]
    assert after.files == (second, replace(first, words="hello"), third)
