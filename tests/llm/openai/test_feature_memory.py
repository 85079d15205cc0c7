"""What is remembered of a server's features: what it names, and for a while."""

from slackbot.expiring_set import REMEMBERED_SECONDS
from slackbot.llm.openai.error_report import ErrorReport
from slackbot.llm.openai.feature_memory import FeatureMemory
from slackbot.llm.openai.feature_negotiation import FeatureNegotiation

UNNAMED = ErrorReport("refused", 400, text="Something went wrong.")
NAMED = ErrorReport("refused", 400, text="Unsupported: 'stream_options'")


def begin(memory: FeatureMemory, now: float = 0.0) -> FeatureNegotiation:
    return memory.negotiation(("developer", "stream_options", "name"), now, official=False)


def test_what_is_named_is_left_out_for_an_hour() -> None:
    """Then it is tried again."""
    memory = FeatureMemory()
    form = begin(memory)
    assert form.adapt(NAMED)
    memory.learn(form, 0.0)
    assert begin(memory).without == {"stream_options"}
    assert begin(memory, REMEMBERED_SECONDS).without == set()


def test_a_guess_is_only_tried_first() -> None:
    """What helped on a guess is left out again after the next refusal, until it succeeds."""
    memory = FeatureMemory()
    form = begin(memory)
    assert [form.adapt(UNNAMED) for _ in range(3)] == [True] * 3
    assert form.without == {"name"}
    memory.learn(form, 0.0)
    assert begin(memory, REMEMBERED_SECONDS).fallback == {"name"}
    form = begin(memory)
    assert form.without == set()
    assert form.adapt(UNNAMED)
    assert form.without == {"name"}
    memory.learn(begin(memory), 0.0)
    assert begin(memory).fallback == set()


def test_a_guessed_shape_is_kept() -> None:
    """It costs nothing to do without it, so it is not tried again for an hour; instructions in a
    message of their own are.
    """
    memory = FeatureMemory()

    def begin(now: float = 0.0) -> FeatureNegotiation:
        return memory.negotiation(("repeated_roles", "system"), now, official=False)

    form = begin()
    assert form.adapt(UNNAMED)
    assert form.without == {"repeated_roles", "system"}
    memory.learn(form, 0.0)
    assert begin().without == {"repeated_roles"}
    assert begin(REMEMBERED_SECONDS).without == set()


def test_what_has_succeeded_is_not_guessed() -> None:
    """Until an hour has passed without it."""
    memory = FeatureMemory()
    memory.learn(begin(memory), 0.0)
    assert not begin(memory, REMEMBERED_SECONDS - 1).adapt(UNNAMED)
    assert begin(memory, REMEMBERED_SECONDS).adapt(UNNAMED)


def test_openai_names_what_it_refuses() -> None:
    """Nothing is guessed about its own server."""
    form = FeatureMemory().negotiation(("developer", "name"), 0.0, official=True)
    assert not form.adapt(UNNAMED)


def test_a_guess_about_content_is_not_kept() -> None:
    """What helped where content was refused says nothing about the next request."""
    memory = FeatureMemory()
    form = begin(memory)
    assert form.adapt(ErrorReport("refused", 400, text="This is against our usage policy."))
    memory.learn(form, 0.0)
    assert begin(memory, REMEMBERED_SECONDS).fallback == set()
