"""The order of answers for any mix of people and channels, in any order of events."""

from collections.abc import Sequence
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId, UserId
from slackbot.turns.fair_queue import FairQueue, Requester, SlotRequest

askers = st.builds(
    Requester, st.sampled_from(["ana", "ben", "cem"]), st.sampled_from(["c", "d", "e"])
)


def admitted(line: FairQueue) -> list[SlotRequest]:
    """All that get a slot now."""
    return list(iter(line.admit, None))


def ask(line: FairQueue, *askers: Requester) -> list[SlotRequest]:
    requests = [SlotRequest(requester) for requester in askers]
    for request in requests:
        line.join(request)
    return requests


@given(st.integers(1, 9), st.lists(askers | st.integers(0, 9), max_size=60))
def test_nobody_holds_too_much_and_nobody_starves(
    semaphore: int, happenings: Sequence[Requester | int]
) -> None:
    """Requests come (an asker) and replies end (a number): the bounds hold at every moment, no
    slot stays free while somebody may have it, and in the end everybody was admitted.
    """
    line = FairQueue(semaphore)
    waiting: list[SlotRequest] = []
    holding: list[SlotRequest] = []

    def admit() -> None:
        for request in admitted(line):
            waiting.remove(request)
            holding.append(request)
        assert len(holding) <= semaphore
        for name, share in (("user", 1 / 2), ("channel", 3 / 4)):
            held = [getattr(each.requester, name) for each in holding]
            assert all(held.count(each) <= ceil(semaphore * share) for each in held)

    for happening in happenings:
        if isinstance(happening, Requester):
            waiting += ask(line, happening)
        elif holding:
            line.release(holding.pop(happening % len(holding)))
        admit()
    while holding:
        line.release(holding.pop())
        admit()
    assert not waiting


@given(
    semaphore=st.integers(1, 9),
    crowds=st.lists(st.integers(2, 30), min_size=1, max_size=4),
    done=st.integers(0, 9),
    same_channel=st.booleans(),
)
def test_one_question_comes_before_anothers_second(
    *, semaphore: int, crowds: list[int], done: int, same_channel: bool
) -> None:
    """Somebody who asks once waits for at most one more answer to each of those who ask again and
    again, however long they have been at it, and is told so.
    """
    line = FairQueue(semaphore)
    for number, many in enumerate(crowds):
        ask(line, *[Requester(UserId(f"u{number}"), ChannelId(f"c{number}"))] * many)
    holding = admitted(line)
    for _ in range(min(done, len(holding))):
        line.release(holding.pop(0))
        holding += admitted(line)
    (bens,) = ask(line, Requester(UserId("ben"), ChannelId("c0" if same_channel else "d")))
    assert line.ahead(bens) <= len(crowds)
    came: list[SlotRequest] = admitted(line)
    while bens not in came:
        line.release(holding.pop(0))
        came += admitted(line)
        holding += came[len(came) - 1 :]
    before = came[: came.index(bens)]
    assert all([each.requester for each in before].count(each.requester) == 1 for each in before)


@given(st.integers(1, 5), st.integers(1, 20))
def test_one_persons_questions_are_answered_in_order(semaphore: int, many: int) -> None:
    """One person's requests are answered in their order."""
    line = FairQueue(semaphore)
    requests = ask(line, *[Requester(UserId("ana"), ChannelId("c"))] * many)
    order: list[SlotRequest] = []
    while len(order) < many:
        for request in admitted(line):
            order.append(request)
            line.release(request)
    assert order == requests


@given(st.lists(askers, min_size=1, max_size=20))
def test_those_ahead_come_first(coming: list[Requester]) -> None:
    """With one slot, what people are told is the order in which they get it."""
    line = FairQueue(1)
    (holder,) = ask(line, Requester(UserId("someone"), ChannelId("elsewhere")))
    assert line.admit() is holder
    requests = ask(line, *coming)
    told = sorted(requests, key=line.ahead)
    assert sorted(map(line.ahead, requests)) == list(range(len(requests)))
    line.release(holder)
    first = line.admit()
    assert first is told[0]


def test_a_removed_request_is_not_admitted() -> None:
    """A request that waits no longer gets nothing; leaving twice does no harm."""
    line = FairQueue(1)
    first, second = ask(
        line, Requester(UserId("ana"), ChannelId("c")), Requester(UserId("ben"), ChannelId("c"))
    )
    line.leave(first)
    line.leave(first)
    assert admitted(line) == [second]


def test_others_find_a_slot() -> None:
    """A person holds half of the slots at most, and a channel three quarters: nobody is admitted
    beyond that, though slots are free, and somebody else is at once.
    """
    by_one = FairQueue(8)
    ask(by_one, *(Requester(UserId("ana"), ChannelId(f"c{number}")) for number in range(8)))
    assert len(admitted(by_one)) == 4
    assert by_one.admit() is None
    in_one = FairQueue(8)
    ask(in_one, *(Requester(UserId(f"u{number}"), ChannelId("c")) for number in range(8)))
    assert len(admitted(in_one)) == 6
    assert in_one.admit() is None
    for line in (by_one, in_one):
        (bens,) = ask(line, Requester(UserId("ben"), ChannelId("d")))
        assert line.admit() is bens


def test_a_slot_that_is_given_back_frees_no_other() -> None:
    """What others hold still counts when somebody gives a slot back."""
    line = FairQueue(4)
    ask(line, *(Requester(UserId("ana"), ChannelId(f"c{number}")) for number in range(3)))
    held = admitted(line)
    (bens,) = ask(line, Requester(UserId("ben"), ChannelId("d")))
    assert line.admit() is bens
    line.release(bens)
    assert line.admit() is None
    line.release(held[0])
    assert line.admit() is not None
