from dataclasses import replace
from itertools import pairwise

from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.turns.restart_pacer import FORGET_SECONDS, PAUSES_SECONDS, RestartPacer
from tests.turns.session_harness import THREAD

ANA, BEN = UserId("U1"), UserId("U2")
ONE, OTHER = [Ts("1.0")], [Ts("2.0")]


def edit_every(seconds: float, times: int) -> list[float]:
    """When the model is asked a question that is edited so often, by a virtual clock."""
    pacer, asked = RestartPacer(), [0.0]
    pacer.begin(THREAD, ANA, ONE, 0.0)
    due: float | None = None
    for edit in (number * seconds for number in range(1, times + 1)):
        if due is not None and due <= edit:
            pacer.begin(THREAD, ANA, ONE, due)
            asked.append(due)
        pacer.withdraw(THREAD, ANA)
        due = edit + pacer.delay(THREAD, ANA, ONE, edit)
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
        pacer.begin(THREAD, ANA, ONE, 0.0)
    assert pacer.delay(THREAD, ANA, ONE, 0.0) > 0
    assert pacer.delay(THREAD, ANA, OTHER, 0.0) == 0


def test_a_question_in_place_of_one_that_was_deleted() -> None:
    """Who deletes a question while it is answered, and asks again, has asked twice."""
    pacer = RestartPacer()
    for number in range(3):
        pacer.begin(THREAD, ANA, [Ts(f"{number}.0")], 0.0)
        pacer.withdraw(THREAD, ANA)
    assert pacer.delay(THREAD, ANA, OTHER, 0.0) == PAUSES_SECONDS[2]
    assert pacer.delay(THREAD, BEN, OTHER, 0.0) == 0


def test_the_same_in_threads_of_their_own() -> None:
    """It counts for the person, and for nobody else who asks meanwhile."""
    pacer = RestartPacer()
    for number in range(3):
        pacer.begin(thread(number), ANA, [Ts(f"{number}.5")], 0.0)
        pacer.withdraw(thread(number), ANA)
    assert pacer.delay(thread(9), ANA, OTHER, 0.0) == PAUSES_SECONDS[2]
    assert pacer.delay(thread(9), BEN, OTHER, 0.0) == 0


def test_many_questions_at_once() -> None:
    """Questions that stay do not wait, and one that is deleted makes no other one wait."""
    pacer = RestartPacer()
    for number in range(9):
        assert pacer.delay(thread(number), ANA, [Ts(f"{number}.5")], 0.0) == 0
        pacer.begin(thread(number), ANA, [Ts(f"{number}.5")], 0.0)
    pacer.withdraw(thread(0), ANA)
    assert pacer.delay(thread(9), ANA, [Ts("9.5")], 0.0) == 0


def thread(number: int) -> ThreadKey:
    return replace(THREAD, ts=Ts(f"{number}.5"))


def test_it_is_forgotten() -> None:
    """Some minutes later the next change counts at once."""
    pacer = RestartPacer()
    for _ in range(5):
        pacer.begin(THREAD, ANA, ONE, 0.0)
    assert pacer.delay(THREAD, ANA, ONE, FORGET_SECONDS) == 0
    pacer.begin(THREAD, ANA, ONE, FORGET_SECONDS + 1)
    assert pacer.delay(THREAD, ANA, ONE, FORGET_SECONDS + 1) == 0
