"""The step plans of one moment, for both ways in which messages grow. Times are in seconds."""

from collections.abc import Hashable, Mapping, Sequence

from slackbot.delivery.step_plan import StepPlan, balanced_share
from slackbot.delivery.streaming_mode import StreamingMode


class StepPlans:
    """The plans for both modes at one moment; `openable` are those in which replies can begin."""

    def __init__(
        self,
        now: float,
        by_mode: Mapping[StreamingMode, StepPlan],
        openable: Sequence[StreamingMode],
    ) -> None:
        self.now = now
        self._by_mode = by_mode
        self._openable = openable
        self.ready_at: dict[Hashable, float] = {}
        """By request: when its interim text may be shown, as far as that was asked."""
        self._steps: dict[tuple[StreamingMode, float], float] = {}

    def step(self, mode: StreamingMode, joining: float = 0.0) -> float:
        """Returns the seconds between two changes of a reply; `joining` are those that one more
        reply takes.
        """
        if (mode, joining) not in self._steps:
            self._steps[mode, joining] = self._by_mode[mode].step(
                self._share(mode, joining), joining
            )
        return self._steps[mode, joining]

    def _share(self, mode: StreamingMode, joining: float) -> float:
        """Returns which part of the expected replies will be written in a mode."""
        if mode not in self._openable:
            return 0.0
        others = [each for each in self._openable if each != mode]
        if not others:
            return 1.0
        return balanced_share(self._by_mode[mode], self._by_mode[others[0]], joining)
