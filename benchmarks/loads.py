"""The loads under which streaming is measured: who asks what, and when."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

FIRST_WORD_SECONDS = 0.3
"""How long the model thinks before it writes."""

PAUSE_SECONDS = 3.0
"""How long a person reads and types before the next question."""

QUIET_SECONDS = 150.0
"""Between two rounds of a load: late endings are over, and Slack's minute is unspent."""

HOUR_SECONDS = 3_600.0
HOURLY_QUESTIONS = 300
"""500 people who ask every 100 minutes each."""

PEAK_FACTOR = 4.0
"""How many times the mean rate the peak of the hour has."""

SHORTEST_ANSWER_SECONDS, LONGEST_ANSWER_SECONDS = 5.0, 120.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question, `at` seconds after the begin, and the pace of its answer."""

    at: float
    channel: int
    words: int
    words_per_second: float

    @property
    def produced(self) -> Sequence[float]:
        """When the model produces each word."""
        first = self.at + FIRST_WORD_SECONDS
        return [first + number / self.words_per_second for number in range(self.words)]


def at_once(count: int, channels: int) -> Sequence[Question]:
    """Questions at the same moment, 300 words each at 40 words a second."""
    return [Question(0.0, number % channels, 300, 40.0) for number in range(count)]


def in_a_row(count: int) -> Sequence[Question]:
    """One person asks on and on: 400 words each at 20 words a second."""
    cycle = FIRST_WORD_SECONDS + 400 / 20.0 + PAUSE_SECONDS
    return [Question(number * cycle, 0, 400, 20.0) for number in range(count)]


def an_hour(seed: int = 1) -> Sequence[Question]:
    """An hour of a workspace of 500 people: Poisson arrivals with a peak in the middle, and answers
    of 5 to 120 seconds, short ones more often.
    """
    dice, questions, at = random.Random(seed), list[Question](), 0.0  # noqa: S311 - no secret
    while True:
        at += dice.expovariate(HOURLY_QUESTIONS / HOUR_SECONDS * PEAK_FACTOR)
        if at > HOUR_SECONDS:
            return questions
        # A narrow peak on a low plain, whose mean is 1 / PEAK_FACTOR of its height.
        height = 0.14 + 0.86 * math.exp(-(((at - HOUR_SECONDS / 2) / (HOUR_SECONDS / 14)) ** 2))
        if dice.random() < height:
            shortest, longest = math.log(SHORTEST_ANSWER_SECONDS), math.log(LONGEST_ANSWER_SECONDS)
            seconds = math.exp(dice.uniform(shortest, longest))
            questions.append(Question(at, dice.randrange(40), int(seconds * 20), 20.0))


def repeated(questions: Sequence[Question], rounds: int) -> Sequence[Question]:
    """The same load several times, with a quiet time in between."""
    length = max(question.produced[-1] for question in questions) + QUIET_SECONDS
    return [
        replace(question, at=question.at + length * number)
        for number in range(rounds)
        for question in questions
    ]


LOADS: Mapping[str, Callable[[], Sequence[Question]]] = {
    "1": lambda: at_once(1, channels=1),
    "6 in a row": lambda: in_a_row(6),
    "10 in one channel": lambda: at_once(10, channels=1),
    "30 in one channel": lambda: at_once(30, channels=1),
    "10 in ten channels": lambda: at_once(10, channels=10),
    "30 in ten channels": lambda: at_once(30, channels=10),
    "100 in ten channels": lambda: at_once(100, channels=10),
    "an hour": an_hour,
}
