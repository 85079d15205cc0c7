from slackbot.playground.fake_openai.script import (
    Refusal,
    calls,
    calls_function,
    calls_together,
    declines,
    fails,
    says,
    searches,
    thinks,
)


def test_words() -> None:
    """A text is split into words that add up to it, with all its white space."""
    text = "one  two\n\nthree "
    script = says(text)
    assert script.text == text
    assert [delta["content"] for delta in script.deltas] == ["one", "  two", "\n\nthree", " "]
    assert [delta["refusal"] for delta in declines("No way").deltas] == ["No", " way"]


def test_modifiers() -> None:
    """Each modifier changes one thing, and they can be combined."""
    script = says("one two").paced(0.1, first_after=0.2).held(after=1).dropped(after=2)
    assert (script.cadence, script.first_after, script.hold_after) == (0.1, 0.2, 1)
    assert (script.disruption, script.disruption_after) == ("drop", 2)
    assert says("a").stalled(1, keep_alive=0.5).keep_alive == 0.5
    assert says("a").garbled(1).disruption == "garble"
    assert says("a").failed(1, Refusal(500)).refusal == Refusal(500)
    assert says("a").ending(None).finish is None
    assert says("a").counted(3, 4).usage == (3, 4)


def test_one_after_the_other() -> None:
    """Scripts can follow each other in one answer, which ends as the last one does."""
    script = says("Let me see.").then(calls("look", "{}"))
    assert script.finish == "tool_calls"
    assert script.text == "Let me see."
    assert "tool_calls" in script.deltas[-1]
    assert thinks("hm").then(says("a")).deltas == ({"reasoning": "hm"}, {"content": "a"})


def test_tool_calls_together() -> None:
    """Several tool calls interleave their pieces, and each keeps its index."""
    script = calls_together(calls("f", "{", "}", call_id="1"), calls("g", "{}", call_id="2"))
    indexes = [delta["tool_calls"][0]["index"] for delta in script.deltas]
    assert indexes == [0, 1, 0, 1, 0]
    assert script.finish == "tool_calls"


def test_other_deltas() -> None:
    """A search names its sources; the old form of a tool call has a finish reason of its own."""
    search, source = searches(("https://example.com/", "Example")).deltas
    assert (search, source["source"]["title"]) == ({"search": True}, "Example")
    assert calls_function("f", "{}").finish == "function_call"


def test_refusals() -> None:
    """An error has OpenAI's format."""
    refusal = fails(429, "slow down", code="rate_limit_exceeded", retry_after=1.0).refusal
    assert refusal is not None
    assert (refusal.status, refusal.retry_after) == (429, 1.0)
    assert refusal.body["error"] == {
        "message": "slow down",
        "type": "invalid_request_error",
        "param": None,
        "code": "rate_limit_exceeded",
    }
