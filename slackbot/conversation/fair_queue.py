"""Decides who is next when more people ask than can be served at once. Pure.

People and channels take turns in rounds: everybody's first question comes before anybody's second.
A person who asks thirty questions at once delays only their own, and others always find a slot.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Literal, NamedTuple

from slackbot.conversation.ids import ChannelId, UserId


@dataclass(frozen=True, slots=True)
class Requester:
    """The person who is answered, and the channel, by their Slack IDs."""

    user: UserId
    channel: ChannelId


class Rank(NamedTuple):
    """The order in line: the person's round, then the channel's, then the order of arrival."""

    person: int
    channel: int
    arrival: int


@dataclass(eq=False, slots=True)
class PlaceInLine:
    """The place of one question. It stays the same when the question is edited or taken again."""

    requester: Requester
    rank: Rank


class FairRounds:
    """The rounds of people or channels: each has one turn in a round, from the current one on.

    This is start-time fair queueing, where every turn has the same length.
    """

    def __init__(self) -> None:
        self._current = 0
        self._next: dict[str, int] = {}
        """The next round of those who have had their turn in the current one."""

    def enter(self, name: str) -> int:
        """Returns the round of a person's or channel's next turn."""
        entered = self._next.get(name, self._current)
        self._next[name] = entered + 1
        return entered

    def give_back(self, name: str, number: int) -> None:
        """Notes that a turn of this round will not be taken. It must be the newest."""
        if self._next.get(name) == number + 1:
            self._next[name] = number

    def reach(self, number: int) -> None:
        """Notes that a turn of this round has begun."""
        if number > self._current:
            self._current = number
            self._next = {name: due for name, due in self._next.items() if due > number}


class FairQueue:
    """The places of those who wait, and the slots that are held.

    A person holds at most half of the slots, a channel at most three quarters, rounded up. With
    thousands in line, each operation takes well under a millisecond; only a withdrawal takes some.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._max_per_person = ceil(slots / 2)
        self._max_per_channel = ceil(slots * 3 / 4)
        self._people, self._channels = FairRounds(), FairRounds()
        self._arrivals = count()
        self._line: list[Rank] = []
        """The ranks of those who wait, in order."""
        self._waiting: dict[Rank, PlaceInLine] = {}
        self._unused: defaultdict[str, list[PlaceInLine]] = defaultdict(list)
        """The places that have had no slot yet, oldest first, by the ID of a person or channel."""
        self._newcomers: list[PlaceInLine] | None = None
        """Who has joined since all others in line were found to hold too many slots."""
        self._held: Counter[str] = Counter()
        """The number of held slots, by the ID of a person or channel."""

    def reserve(self, requester: Requester) -> PlaceInLine:
        """Returns a new place, the last of its person and channel. `join` makes it wait."""
        user, channel = requester.user, requester.channel
        rank = Rank(self._people.enter(user), self._channels.enter(channel), next(self._arrivals))
        place = PlaceInLine(requester, rank)
        self._unused[user].append(place)
        self._unused[channel].append(place)
        return place

    def join(self, place: PlaceInLine) -> None:
        """Waits for a slot at this place, also again after it has left or had one."""
        insort(self._line, place.rank)
        self._waiting[place.rank] = place
        if self._newcomers is not None:
            self._newcomers.append(place)

    def leave(self, place: PlaceInLine) -> None:
        """Waits no longer. The place is still there to join again."""
        if self._waiting.pop(place.rank, None) is not None:
            del self._line[bisect_left(self._line, place.rank)]

    def withdraw(self, place: PlaceInLine) -> None:
        """Gives up a place. If it has had no slot, later ones of its person and channel move up."""
        self.leave(place)
        requester = place.requester
        if place in self._unused[requester.user]:
            self._move_up(self._people, requester.user, place, field="person")
            self._move_up(self._channels, requester.channel, place, field="channel")
            self._line = sorted(self._waiting)
        self._forget(place)

    def admit(self) -> PlaceInLine | None:
        """Gives a slot to the next in line and returns the place; None if there is none to give."""
        if not self._free:
            return None
        place = next((each for each in self._candidates() if self._may_hold_slot(each)), None)
        if place is None:
            self._newcomers = []
            return None
        self.leave(place)
        self._people.reach(place.rank.person)
        self._channels.reach(place.rank.channel)
        self._forget(place)
        self._free -= 1
        self._held.update((place.requester.user, place.requester.channel))
        return place

    def release(self, place: PlaceInLine) -> None:
        """Returns the slot of an admitted place."""
        self._free += 1
        self._held.subtract((place.requester.user, place.requester.channel))
        self._held += Counter()  # forgets those who hold none
        self._newcomers = None

    def ahead(self, place: PlaceInLine) -> int:
        """Returns how many of those who wait come before this one."""
        return bisect_left(self._line, place.rank)

    def _candidates(self) -> Iterator[PlaceInLine]:
        """Those who might get a slot, in order."""
        if self._newcomers is None:
            return (self._waiting[rank] for rank in self._line)
        waiting = (each for each in self._newcomers if each.rank in self._waiting)
        return iter(sorted(waiting, key=lambda place: place.rank))

    def _move_up(
        self, rounds: FairRounds, name: str, place: PlaceInLine, field: Literal["person", "channel"]
    ) -> None:
        """Moves each later place of a person or channel to the round before, up to a gap."""
        places = self._unused[name]
        latest = getattr(place.rank, field)
        for each in places[places.index(place) + 1 :]:
            number = getattr(each.rank, field)
            if number != latest + 1:
                return
            waits = self._waiting.pop(each.rank, None) is not None
            each.rank, latest = each.rank._replace(**{field: latest}), number
            if waits:
                self._waiting[each.rank] = each
        rounds.give_back(name, latest)

    def _forget(self, place: PlaceInLine) -> None:
        for name in (place.requester.user, place.requester.channel):
            if place in self._unused[name]:
                self._unused[name].remove(place)
            if not self._unused[name]:
                del self._unused[name]

    def _may_hold_slot(self, place: PlaceInLine) -> bool:
        held = self._held
        return (
            held[place.requester.user] < self._max_per_person
            and held[place.requester.channel] < self._max_per_channel
        )
