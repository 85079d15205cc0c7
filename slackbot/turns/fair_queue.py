"""Decides who is answered next when more people ask than can be answered at once. Pure.

People and channels take turns in rounds: everybody's first question comes before anybody's second.
A person who asks thirty questions at once delays only their own, and others always find a slot.
"""

from collections import Counter
from dataclasses import dataclass
from math import ceil

from slackbot.conversation.ids import ChannelId, UserId


@dataclass(frozen=True, slots=True)
class Requester:
    """The person who is answered, and the channel, by their Slack IDs."""

    user: UserId
    channel: ChannelId


@dataclass(eq=False, slots=True, frozen=True)
class SlotRequest:
    """A request for a slot. Each is equal only to itself."""

    requester: Requester


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

    def reach(self, number: int) -> None:
        """Notes that a turn of this round has begun."""
        if number > self._current:
            self._current = number
            self._next = {name: due for name, due in self._next.items() if due > number}


class FairQueue:
    """The requests that wait, and the slots that are held.

    A person holds at most half of the slots, a channel at most three quarters, rounded up.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._max_per_person = ceil(slots / 2)
        self._max_per_channel = ceil(slots * 3 / 4)
        self._people, self._channels = FairRounds(), FairRounds()
        self._waiting: dict[SlotRequest, tuple[int, int]] = {}
        """The person's round, then the channel's; in order of arrival."""
        self._held: Counter[str] = Counter()
        """The number of held slots, by the ID of a person or channel."""

    def join(self, request: SlotRequest) -> None:
        requester = request.requester
        rounds = self._people.enter(requester.user), self._channels.enter(requester.channel)
        self._waiting[request] = rounds

    def leave(self, request: SlotRequest) -> None:
        """Removes a request, if it still waits."""
        self._waiting.pop(request, None)

    def admit(self) -> SlotRequest | None:
        """Gives a slot to the next request and returns it; None if there is none to give."""
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
        """Returns the slot of an admitted request."""
        self._free += 1
        self._held.subtract((request.requester.user, request.requester.channel))
        self._held += Counter()  # forgets those who hold none

    def ahead(self, request: SlotRequest) -> int:
        """Returns how many waiting requests come before this one."""
        return self._order().index(request)

    def _order(self) -> list[SlotRequest]:
        return sorted(self._waiting, key=self._waiting.__getitem__)

    def _may_hold_slot(self, requester: Requester) -> bool:
        held = self._held
        return (
            held[requester.user] < self._max_per_person
            and held[requester.channel] < self._max_per_channel
        )
