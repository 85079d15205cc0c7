"""Who is answered next when more people ask than can be answered at once.

Pure: requests in, decisions out. People and channels take rounds: everybody's first question comes
before anybody's second. Who asks thirty at once waits among his own, and there is always room for
somebody else.
"""

from collections import Counter
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Requester:
    """Who wants a reply, and where; both are Slack's ids."""

    user: str
    channel: str


@dataclass(eq=False, slots=True, frozen=True)
class SlotRequest:
    """One asker's wish for a slot. Each is one of its own."""

    requester: Requester


class FairRounds:
    """Whose turn is in which round: everybody has one in each, and those who come anew begin with
    the present one. (Start-time fair queueing, with every turn of the same length.)
    """

    def __init__(self) -> None:
        self._current = 0
        self._next: dict[str, int] = {}
        """Of those who have taken part in the present round already."""

    def enter(self, name: str) -> int:
        """The round of the next turn of a person or a channel."""
        entered = self._next.get(name, self._current)
        self._next[name] = entered + 1
        return entered

    def reach(self, number: int) -> None:
        """A turn of that round has come."""
        if number > self._current:
            self._current = number
            self._next = {name: due for name, due in self._next.items() if due > number}


class FairQueue:
    """The requests that wait, and the slots that are taken.

    No person holds more than half of the slots, no channel more than three quarters, rounded up.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._max_per_person = ceil(slots / 2)
        self._max_per_channel = ceil(slots * 3 / 4)
        self._people, self._channels = FairRounds(), FairRounds()
        self._waiting: dict[SlotRequest, tuple[int, int]] = {}
        """Their person's round, then their channel's; in the order of their coming."""
        self._held: Counter[str] = Counter()
        """Slots by the id of a person or a channel."""

    def join(self, request: SlotRequest) -> None:
        requester = request.requester
        rounds = self._people.enter(requester.user), self._channels.enter(requester.channel)
        self._waiting[request] = rounds

    def leave(self, request: SlotRequest) -> None:
        """It waits no longer; nothing happens if it did not."""
        self._waiting.pop(request, None)

    def admit(self) -> SlotRequest | None:
        """The request that gets a slot now; None while there is none for those who wait."""
        if not self._free:
            return None
        request = next(
            (each for each in self._order() if self._may_hold_slot(each.requester)), None
        )
        if request is not None:
            person, channel = self._waiting.pop(request)
            self._people.reach(person)
            self._channels.reach(channel)
            self._free -= 1
            self._held.update((request.requester.user, request.requester.channel))
        return request

    def release(self, request: SlotRequest) -> None:
        """An admitted request gives its slot back."""
        self._free += 1
        self._held.subtract((request.requester.user, request.requester.channel))
        self._held += Counter()  # forgets those who hold none

    def ahead(self, request: SlotRequest) -> int:
        """How many of those who wait have their turn before it."""
        return self._order().index(request)

    def _order(self) -> list[SlotRequest]:
        return sorted(self._waiting, key=self._waiting.__getitem__)

    def _may_hold_slot(self, requester: Requester) -> bool:
        held = self._held
        return (
            held[requester.user] < self._max_per_person
            and held[requester.channel] < self._max_per_channel
        )
