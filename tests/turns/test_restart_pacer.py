from dataclasses import replace
from itertools import pairwise

from slackbot.conversation.ids import Ts, UserId
from slackbot.turns.restart_pacer import FORGET_SECONDS, PAUSES_SECONDS, Question, RestartPacer
from tests.turns.session_harness import THREAD


def question(ts: str, thread: str = "1.0", user: str = "UANA") -> Question:
    return Question(replace(THREAD, ts=Ts(thread)), UserId(user), frozenset({Ts(ts)}))


ONE, OTHER = question("1.0"), question("2.0")


def edit_every(seconds: float, times: int) -> list[float]:
    """When the model is asked a question that is edited so often, by a virtual clock."""
    pacer, asked = RestartPacer(), [0.0]
    pacer.begin(ONE, 0.0)
    due: float | None = None
    for edit in (number * seconds for number in range(1, times + 1)):
        if due is not None and due <= edit:
            pacer.begin(ONE, due)
            asked.append(due)
        pacer.withdraw(ONE)
        due = edit + pacer.delay(ONE, edit)
    assert due is not None
    return [*asked, due]


def test_twenty_edits_in_a_second() -> None:
    """The first one counts at once; the others together, two seconds later."""
    assert edit_every(0.05, 20) == [0.0, 0.05, 2.05]


def test_a_person_who_corrects_a_question() -> None:
    """Somebody who edits now and then does not wait."""
    assert edit_every(60.0, 2) == [0.0, 60.0, 120.0]


def test_edits_for_ever() -> None:
    """An edit a second for an hour costs two requests a minute."""
    asked = edit_every(1.0, 3_600)
    assert len(asked) <= len(PAUSES_SECONDS) + 3_600 / PAUSES_SECONDS[-1] + 1
    assert all(later - earlier >= 0.99 for earlier, later in pairwise(asked))


def test_another_question() -> None:
    """A question that was not asked before does not wait, however often others were repeated."""
    pacer = RestartPacer()
    for _ in range(3):
        pacer.begin(ONE, 0.0)
    assert pacer.delay(ONE, 0.0) > 0
    assert pacer.delay(OTHER, 0.0) == 0


def test_a_question_in_place_of_one_that_was_deleted() -> None:
    """Who deletes a question while it is answered, and asks again, has asked twice."""
    pacer = RestartPacer()
    for number in range(3):
        pacer.begin(question(f"{number}.5"), 0.0)
        pacer.withdraw(question(f"{number}.5"))
    assert pacer.delay(OTHER, 0.0) == PAUSES_SECONDS[2]


def test_the_same_in_threads_of_their_own() -> None:
    """It counts for the person, and for nobody else who asks meanwhile."""
    pacer = RestartPacer()
    for number in range(3):
        asked = question(f"{number}.5", thread=f"{number}.5")
        pacer.begin(asked, 0.0)
        pacer.withdraw(asked)
    assert pacer.delay(question("9.0", thread="9.0"), 0.0) == PAUSES_SECONDS[2]
    assert pacer.delay(question("9.0", thread="9.0", user="UBEN"), 0.0) == 0


def test_many_questions_at_once() -> None:
    """Questions that stay do not wait, and one that is deleted makes no other one wait."""
    pacer = RestartPacer()
    for number in range(9):
        asked = question(f"{number}.5", thread=f"{number}.5")
        assert pacer.delay(asked, 0.0) == 0
        pacer.begin(asked, 0.0)
    pacer.withdraw(question("0.5", thread="0.5"))
    assert pacer.delay(question("9.5", thread="9.5"), 0.0) == 0


def test_it_is_forgotten() -> None:
    """Some minutes later the next change counts at once."""
    pacer = RestartPacer()
    for _ in range(5):
        pacer.begin(ONE, 0.0)
    assert pacer.delay(ONE, FORGET_SECONDS) == 0
    pacer.begin(ONE, FORGET_SECONDS + 1)
    assert pacer.delay(ONE, FORGET_SECONDS + 1) == 0
