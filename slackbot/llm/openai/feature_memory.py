"""What is known of the features and media that a model takes behind one of its server's APIs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from slackbot.expiring_set import ExpiringSet
from slackbot.llm.openai.feature_negotiation import FeatureNegotiation
from slackbot.llm.openai.input_negotiation import InputNegotiation, SentInput
from slackbot.llm.openai.media import InputKey
from slackbot.llm.openai.request import Feature

RejectionReason = Literal["unreadable", "forbidden"]
"""The server can't take an input, or its provider does not allow it."""


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
        self._rejected: ExpiringSet[tuple[InputKey, RejectionReason]] = ExpiringSet()
        """Inputs without which a request succeeded."""
        self._image_limits: ExpiringSet[int] = ExpiringSet()

    def refused(self, now: float) -> frozenset[Feature]:
        return self._refused.current(now)

    def left_out(self, now: float) -> frozenset[Feature]:
        """What errors have named, and what was left out last on a guess."""
        return self.refused(now) | self._fallback

    def rejected(self, now: float) -> Mapping[InputKey, RejectionReason]:
        return dict(self._rejected.current(now))

    def negotiation(
        self,
        features: Collection[Feature],
        now: float,
        *,
        official: bool,
        inputs: Sequence[SentInput] = (),
    ) -> FeatureNegotiation:
        """`features` and `inputs` are those that the request makes use of; `official` that the
        server is OpenAI's own, which names what it refuses.
        """
        proven = frozenset(features) if official else self._proven.current(now)
        doubtful = [each for each in features if each not in proven]
        limit = min(self._image_limits.current(now), default=None)
        media = InputNegotiation(inputs, frozenset(self.rejected(now)), limit)
        return FeatureNegotiation(features, self.refused(now), doubtful, self._fallback, media)

    def learn(self, form: FeatureNegotiation, now: float) -> None:
        """Remembers what the form taught in which a request succeeded.

        A shape that was left out on a guess counts as refused: it costs nothing to do without it.
        """
        succeeded = form.features - form.without
        self._proven.add(succeeded, now)
        self._refused.add(form.named | form.guessed_shapes, now)
        guessed = form.without & form.guessable if form.teaches else frozenset()
        self._fallback = (self._fallback - succeeded) | (guessed - self.refused(now))
        reason: RejectionReason = "forbidden" if form.content_refused else "unreadable"
        self.reject(form.media.newly_rejected, reason, now)
        if form.media.new_limit is not None and form.teaches:
            self.limit_images(form.media.new_limit, now)

    def refuse(self, feature: Feature, now: float) -> None:
        """Remembers what an error named after the request had been taken."""
        self._refused.add([feature], now)

    def limit_images(self, limit: int, now: float) -> None:
        """Remembers how many images the server takes in one request."""
        self._image_limits.add([limit], now)

    def reject(self, keys: Collection[InputKey], reason: RejectionReason, now: float) -> None:
        """Remembers inputs that the server does not take."""
        self._rejected.add(((key, reason) for key in keys), now)
