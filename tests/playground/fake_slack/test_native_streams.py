import pytest

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.native_streams import NativeStreams


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def message() -> PostedMessage:
    bot = Person("U1", "bot", "Bot", "T1", bot_id="B1")
    return PostedMessage("C1", "1.000000", bot, [new_version("a")])


def test_a_stream_ends_by_itself(clock: Clock, message: PostedMessage) -> None:
    """A stream is open for its lifetime; then it refuses further text."""
    streams = NativeStreams(clock)
    streams.start(message)
    clock.now = 299.0
    streams.require_open(message)
    clock.now = 300.0
    assert not streams.is_open(message)
    with pytest.raises(RefusedError, match="message_not_in_streaming_state"):
        streams.require_open(message)


def test_stopped_by_the_person(clock: Clock, message: PostedMessage) -> None:
    """A stream that a person stopped says so when the app goes on."""
    streams = NativeStreams(clock)
    streams.start(message)
    streams.stop_by_user(message)
    assert not streams.is_open(message)
    with pytest.raises(RefusedError, match="stopped_by_user"):
        streams.require_open(message)


def test_stopped_by_the_app(clock: Clock, message: PostedMessage) -> None:
    """A stream that the app stopped is an ordinary message, as is one never streamed."""
    streams = NativeStreams(clock)
    for _ in range(2):
        with pytest.raises(RefusedError, match="message_not_in_streaming_state"):
            streams.require_open(message)
        streams.start(message)
        streams.stop(message)
