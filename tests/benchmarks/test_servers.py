"""The conversation with a real model server, played with a scripted one."""

from benchmarks.servers import QUESTIONS, talk
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer


async def test_what_a_server_refuses_is_counted() -> None:
    """Every question is answered, and the row says what the server does not take."""
    rules = RequestRules(refuses=frozenset({"image_url", "developer"}))
    async with ModelServer(rules=rules, answer=lambda _: says("one two three")) as server:
        result = await talk("tiny's server", server.url, "tiny", "sk-test")
    assert result.left_out == ["developer", "image_url"]
    assert (result.answered, result.refused) == (QUESTIONS, 2)
    assert result.requests == len(server.requests)
    assert str(result).startswith("| tiny's server | developer, image_url | 2 of ")
