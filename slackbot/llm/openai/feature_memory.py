"""What is known of the features that a model takes behind one of its server's APIs."""

from collections.abc import Collection

from slackbot.expiring_set import ExpiringSet
from slackbot.llm.openai.feature_negotiation import FeatureNegotiation
from slackbot.llm.openai.request import Feature


class FeatureMemory:
    def __init__(self) -> None:
        self._refused: ExpiringSet[Feature] = ExpiringSet()
        """Errors have named them."""
        self._proven: ExpiringSet[Feature] = ExpiringSet()
        """A request with them has succeeded: none fails for them, unless its error says so."""
        self._fallback: frozenset[Feature] = frozenset()
        """What was left out last on a guess, with success. It is what to try first where a request
        fails again without a reason; the next request is made with it all the same.
        """

    def refused(self, now: float) -> frozenset[Feature]:
        return self._refused.current(now)

    def negotiation(
        self, features: Collection[Feature], now: float, *, official: bool
    ) -> FeatureNegotiation:
        """`features` are those that the request makes use of; `official` that the server is
        OpenAI's own, which names what it refuses.
        """
        proven = frozenset(features) if official else self._proven.current(now)
        doubtful = [each for each in features if each not in proven]
        return FeatureNegotiation(features, self.refused(now), doubtful, self._fallback)

    def learn(self, form: FeatureNegotiation, now: float) -> None:
        """Remembers what the form taught in which a request succeeded.

        A shape that was left out on a guess counts as refused: it costs nothing to do without it.
        """
        succeeded = form.features - form.without
        self._proven.add(succeeded, now)
        self._refused.add(form.named | form.guessed_shapes, now)
        guessed = frozenset() if form.content_refused else form.without & form.guessable
        self._fallback = (self._fallback - succeeded) | (guessed - self.refused(now))
