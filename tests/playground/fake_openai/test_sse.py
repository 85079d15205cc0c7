import json

from slackbot.playground.fake_openai.sse import event


def test_an_event() -> None:
    """An event is a line of JSON, with its name before it if it has one, and ends with a blank."""
    assert event({"a": "b\nc"}) == b'data: {"a": "b\\nc"}\n\n'
    name, data, *rest = event({"a": 1}, name="response.created").decode().split("\n")
    assert name == "event: response.created"
    assert json.loads(data.removeprefix("data: ")) == {"a": 1}
    assert rest == ["", ""]
