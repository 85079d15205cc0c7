"""The order of answers for any mix of people and channels, in any order of events."""

from collections.abc import Sequence
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.fair_queue import FairQueue, PlaceInLine, Requester
from slackbot.conversation.ids import ChannelId, UserId

askers = st.builds(
    Requester, st.sampled_from(["ana", "ben", "cem"]), st.sampled_from(["c", "d", "e"])
)


def admitted(line: FairQueue) -> list[PlaceInLine]:
    """All that get a slot now."""
    return list(iter(line.admit, None))


def ask(line: FairQueue, *askers: Requester) -> list[PlaceInLine]:
    places = [line.reserve(requester) for requester in askers]
    for place in places:
        line.join(place)
    return places


@given(st.integers(1, 9), st.lists(askers | st.integers(0, 9), max_size=60))
def test_nobody_holds_too_much_and_nobody_starves(
    semaphore: int, happenings: Sequence[Requester | int]
) -> None:
    """Requests come (an asker) and replies end (a number): the bounds hold at every moment, no
    slot stays free while somebody may have it, and in the end everybody was admitted.
    """
    line = FairQueue(semaphore)
    waiting: list[PlaceInLine] = []
    holding: list[PlaceInLine] = []

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
    came: list[PlaceInLine] = admitted(line)
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
    order: list[PlaceInLine] = []
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


def order(line: FairQueue, semaphore: int) -> list[PlaceInLine]:
    """In which order all get a slot, with so many slots, each held as long as the others."""
    came, holding = [], admitted(line)
    while holding:
        came.append(holding.pop(0))
        line.release(came[-1])
        holding += admitted(line)
        assert len(holding) <= semaphore
    return came


@given(st.integers(1, 5), st.lists(askers, min_size=1, max_size=30), st.data())
def test_edits_change_nothing(semaphore: int, coming: list[Requester], data: st.DataObject) -> None:
    """Whoever edits a question while it waits, however often, is answered when they would be."""
    calm, restless = FairQueue(semaphore), FairQueue(semaphore)
    calm_places, restless_places = ask(calm, *coming), ask(restless, *coming)
    for number in data.draw(st.lists(st.integers(0, len(coming) - 1), max_size=10)):
        restless.leave(restless_places[number])
        restless.join(restless_places[number])
    numbers = [calm_places.index(place) for place in order(calm, semaphore)]
    assert [restless_places.index(place) for place in order(restless, semaphore)] == numbers


@given(st.integers(2, 9), st.integers(1, 5))
def test_edits_put_nobody_behind(edits: int, others: int) -> None:
    """Three edits of Ana's question do not put her behind Ben's third one."""
    line = FairQueue(1)
    (holder,) = ask(line, Requester(UserId("someone"), ChannelId("elsewhere")))
    assert line.admit() is holder
    (anas,) = ask(line, Requester(UserId("ana"), ChannelId("c")))
    bens = ask(line, *[Requester(UserId("ben"), ChannelId("c"))] * others)
    for _ in range(edits):
        line.leave(anas)
        line.join(anas)
    line.release(holder)
    assert order(line, 1) == [anas, *bens]


@given(st.lists(askers, min_size=2, max_size=20), st.integers(0, 19))
def test_a_turn_that_is_taken_again_is_the_next(coming: list[Requester], number: int) -> None:
    """A question that is edited while it is answered comes first of all that wait."""
    line = FairQueue(1)
    places = ask(line, *coming)
    for _ in range(number % len(coming)):
        place = line.admit()
        assert place is not None
        line.release(place)
    edited = line.admit()
    assert edited is not None
    line.release(edited)
    line.join(edited)
    assert line.ahead(edited) == 0
    assert line.admit() is edited
    assert len(places) == len(coming)


@given(st.lists(askers, min_size=1, max_size=30), st.data())
def test_a_withdrawn_question_was_never_asked(coming: list[Requester], data: st.DataObject) -> None:
    """After deletions everybody's first question that is left still comes before anybody's second:
    the order is that of the questions that are left.
    """
    gone = data.draw(st.sets(st.integers(0, len(coming) - 1)))
    left = [number for number in range(len(coming)) if number not in gone]
    line, short = FairQueue(1), FairQueue(1)
    places, short_places = ask(line, *coming), ask(short, *(coming[number] for number in left))
    for number in gone:
        line.withdraw(places[number])
    late = Requester(UserId("ana"), ChannelId("c"))
    places += ask(line, late)
    short_places += ask(short, late)
    came = [places.index(place) for place in order(line, 1)]
    expected = [short_places.index(place) for place in order(short, 1)]
    assert came == [[*left, len(coming)][number] for number in expected]


@given(
    st.integers(1, 9),
    st.lists(st.tuples(st.sampled_from("ajlwe"), askers, st.integers(0, 99)), max_size=60),
)
def test_the_line_is_always_in_order(
    semaphore: int, happenings: list[tuple[str, Requester, int]]
) -> None:
    """Whatever comes, goes, comes back, ends or is withdrawn: who is ahead is known of each, and
    who may have a slot has one.
    """
    line = FairQueue(semaphore)
    waiting: list[PlaceInLine] = []
    away: list[PlaceInLine] = []
    holding: list[PlaceInLine] = []
    for what, requester, number in happenings:
        if what == "a":
            waiting += ask(line, requester)
        elif what == "j" and away:
            waiting.append(away.pop(number % len(away)))
            line.join(waiting[-1])
        elif what == "l" and waiting:
            away.append(waiting.pop(number % len(waiting)))
            line.leave(away[-1])
        elif what == "w" and (known := waiting + away):
            place = known[number % len(known)]
            (waiting if place in waiting else away).remove(place)
            line.withdraw(place)
        elif what == "e" and holding:
            away.append(holding.pop(number % len(holding)))
            line.release(away[-1])
        for place in admitted(line):
            waiting.remove(place)
            holding.append(place)
        assert sorted(map(line.ahead, waiting)) == list(range(len(waiting)))
        assert sorted(waiting, key=line.ahead) == sorted(waiting, key=lambda place: place.rank)
        if len(holding) < semaphore:
            held = [name for each in holding for name in vars_of(each)]
            for place in waiting:
                user, channel = vars_of(place)
                full = held.count(user) >= ceil(semaphore / 2)
                assert full or held.count(channel) >= ceil(semaphore * 3 / 4)


def vars_of(place: PlaceInLine) -> tuple[str, str]:
    return place.requester.user, place.requester.channel


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
