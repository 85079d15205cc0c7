"""What was learned of a server is known for an hour."""

from slackbot.llm.openai.lessons import REMEMBERED_SECONDS, Lessons


def test_each_lesson_is_forgotten_after_its_own_hour() -> None:
    """A lesson that is learned again counts from then on."""
    lessons: Lessons[str] = Lessons()
    lessons.learn(["a", "b"], 100.0)
    lessons.learn(["b"], 200.0)
    assert lessons.known(99.0 + REMEMBERED_SECONDS) == {"a", "b"}
    assert lessons.known(100.0 + REMEMBERED_SECONDS) == {"b"}
    assert lessons.known(200.0 + REMEMBERED_SECONDS) == frozenset()
