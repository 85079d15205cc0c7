"""Which media are left out of a request that was refused."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.llm.openai.input_negotiation import MAX_SUSPECTS, InputNegotiation, SentInput

IMAGES = [SentInput((number, 0), "image_url", is_new=number > 6) for number in range(9)]
KEYS = [each.key for each in IMAGES]


def test_the_newest_are_suspected_first() -> None:
    """Some single ones, then all new ones, then all."""
    guesses = [*InputNegotiation(IMAGES).guesses()]
    assert guesses == [
        *({key} for key in reversed(KEYS[-MAX_SUSPECTS:])),
        set(KEYS[7:]),
        set(KEYS),
    ]


def test_known_ones_stay_left_out() -> None:
    """What the server is known to refuse is left out from the start, and is no news."""
    media = InputNegotiation(IMAGES[:2], frozenset({KEYS[0]}))
    assert media.omitted == {KEYS[0]}
    assert [*media.guesses()] == [{KEYS[0], KEYS[1]}]
    media.omitted = frozenset(KEYS[:2])
    assert media.newly_rejected == {KEYS[1]}


def test_limits() -> None:
    """The newest images stay; without a figure, half of them; and a limit that does not help is
    none.
    """
    media = InputNegotiation(IMAGES)
    assert media.keep_images(4)
    assert media.omitted == set(KEYS[:5])
    assert media.keep_images(-1)
    assert media.omitted == set(KEYS[:7])
    assert media.keep_images(7)
    assert media.omitted == set(KEYS[:8])
    assert not media.keep_images(1)
    assert (media.max_images, media.new_limit) == (1, 1)
    assert media.newly_rejected == set()


def test_a_known_limit() -> None:
    """A rejected image does not count, and nothing new is learned."""
    media = InputNegotiation(IMAGES[:3], frozenset({KEYS[2]}), max_images=1)
    assert media.omitted == {KEYS[0], KEYS[2]}
    assert media.new_limit is None
    assert media.newly_rejected == set()


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(0, 12), st.integers(-1, 6))
def test_any_request(numbers: list[int], old: int, limit: int) -> None:
    """Every search comes to an end, with all media left out, whatever is sent twice."""
    inputs = [SentInput((n, 0), "image_url", is_new=i >= old) for i, n in enumerate(numbers)]
    media = InputNegotiation(inputs)
    while media.keep_images(limit):
        kept = [each for each in inputs if each.key not in media.omitted]
        assert media.max_images is not None
        assert len(kept) <= media.max_images
    guesses = [*media.guesses()]
    assert len(guesses) <= MAX_SUSPECTS + 2
    omitted = guesses[-1] if guesses else media.omitted
    assert omitted == {each.key for each in inputs}
