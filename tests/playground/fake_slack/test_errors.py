from slackbot.playground.fake_slack.errors import RefusedError


def test_a_refusal() -> None:
    """A refusal is `ok: false` with the error's name, and further fields only if there are any."""
    assert RefusedError("not_found").answer == {"ok": False, "error": "not_found"}
    answer = RefusedError("invalid_blocks", "too long", needed="chat:write").answer
    assert answer["needed"] == "chat:write"
    assert answer["errors"] == ["too long"]
    assert answer["response_metadata"] == {"messages": ["[ERROR] too long"]}
