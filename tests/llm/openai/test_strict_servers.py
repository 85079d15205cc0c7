"""People are answered by servers that take less than OpenAI's, in every thread, over the wire."""

from collections.abc import Collection, Sequence

import pytest

from slackbot.conversation.texts import EMPTY
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import Script, calls, calls_together, says
from slackbot.playground.fake_openai.strict_checks import Strictness
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness, Request
from tests.turns.tool_use import TOOLS

MISTRAL: frozenset[Strictness] = frozenset(
    {"no_user_after_tool", "nine_character_ids", "no_text_with_calls"}
)
TEMPLATE: frozenset[Strictness] = frozenset({"alternating_roles", "nine_character_ids"})
"""Mistral's chat template, as llama.cpp and vLLM use it."""
GEMMA: frozenset[Strictness] = frozenset({"alternating_roles", "no_system_role", "no_tool_role"})
LLAMA: frozenset[Strictness] = frozenset({"single_calls", "system_first"})
BEDROCK: frozenset[Strictness] = frozenset(
    {"alternating_roles", "starts_with_user", "no_blank_content"}
)
SERVERS = {
    "mistral": MISTRAL,
    "template": TEMPLATE,
    "gemma": GEMMA,
    "llama": LLAMA,
    "bedrock": BEDROCK,
}

MAX_ATTEMPTS = 7
"""How many requests the first answer of a server may take."""

ADD_BOTH = calls_together(
    calls("add", '{"a": 1}', call_id="call_1"), calls("add", '{"a": 2}', call_id="call_2")
)
USED_TWICE = "🔧 _Used `add` 2 times_"


class StrictModel:
    """A model behind strict rules that uses its tools where it is offered any."""

    def __init__(
        self,
        harness: BotHarness,
        strict: Collection[Strictness],
        *,
        status: int = 400,
        names_it: bool = True,
    ) -> None:
        strict = frozenset(strict)
        harness.model.rules = RequestRules(strict=strict, status=status, names_it=names_it)
        harness.model.answer = self.answer
        self.answered: list[Request] = []
        """The requests that were not refused."""

    def answer(self, request: Request) -> Script:
        self.answered.append(request)
        last = request["messages"][-1]
        if request.get("tools") and last["role"] == "user" and "add" in str(last["content"]):
            return says("Wait.").then(ADD_BOTH)
        return says("Here you are.")


async def talk(harness: BotHarness) -> PostedMessage:
    """A thread with all that is hard for strict servers."""
    root = await harness.said_before(harness.ben, "Shall we?")
    await harness.said_before(harness.ana, "Let us.", thread=root.ts)
    return root


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("status", [400, 500])
async def test_everybody_is_answered(harness: BotHarness, name: str, status: int) -> None:
    """Two people wrote before, the model uses tools twice at once, its answer is empty once: each
    question is answered, and what the server takes is known after the first ones. Only a template
    that has no place for tools costs them.
    """
    async with harness.running(TOOLS):
        root = await talk(harness)
        model = StrictModel(harness, SERVERS[name], status=status)
        for text in ("hello", "add", "add again"):
            await harness.mention(text, thread=root.ts)
            await harness.service.bot.idle()
            assert "Here you are." in harness.answers(root)[-1].shown
        assert (USED_TWICE in harness.answers(root)[-1].shown) == (name != "gemma")
        await harness.mention("add without a word", thread=root.ts)
        await harness.service.bot.idle()
        before = len(harness.model.requests)
        harness.model.enqueue(Script())
        await harness.mention("say nothing", thread=root.ts)
        await harness.service.bot.idle()
        assert EMPTY in harness.answers(root)[-1].shown
        await harness.mention("and now?", thread=root.ts)
        await harness.service.bot.idle()
    assert "Here you are." in harness.answers(root)[-1].shown
    assert len(harness.model.requests) - before == 2
    assert str(model.answered[-1]["messages"]).count("Shall we?") == 1


async def test_text_next_to_calls_that_no_error_names(harness: BotHarness) -> None:
    """A thread goes on with a server that refuses an answer's text next to its calls, and says no
    more than that it refuses.
    """
    async with harness.running(TOOLS):
        root = await talk(harness)
        StrictModel(harness, {"no_text_with_calls"}, names_it=False)
        harness.model.enqueue(ADD_BOTH)
        for text in ("use your tools", "add", "and now?"):
            await harness.mention(text, thread=root.ts)
            await harness.service.bot.idle()
            assert "Here you are." in harness.answers(root)[-1].shown
        assert len(harness.model.requests) <= MAX_ATTEMPTS + 3


@pytest.mark.parametrize(
    ("strict", "expected"),
    [
        (
            TEMPLATE,
            [
                ("system", None),
                ("user", "Ben: Shall we?\n\nAna: Let us.\n\nAna: hello"),
            ],
        ),
        (GEMMA, [("user", None)]),
    ],
)
async def test_what_the_server_gets(
    harness: BotHarness, strict: frozenset[Strictness], expected: Sequence[tuple[str, str | None]]
) -> None:
    """What several people said stands in one message with their names; where there is no role for
    the instructions, they come before it. The first answer takes a few requests, the next ones one.
    """
    async with harness.running():
        root = await talk(harness)
        StrictModel(harness, strict)
        await harness.mention("hello", thread=root.ts)
        await harness.service.bot.idle()
        assert len(harness.model.requests) <= MAX_ATTEMPTS
        sent = harness.model.requests[-1]["messages"]
        assert [each["role"] for each in sent] == [role for role, _ in expected]
        assert sent[-1]["content"].endswith("Ben: Shall we?\n\nAna: Let us.\n\nAna: hello")
        before = len(harness.model.requests)
        await harness.mention("and now?", thread=root.ts)
        await harness.service.bot.idle()
    assert len(harness.model.requests) == before + 1
    instructions = harness.model.requests[-1]["messages"][0]["content"]
    assert instructions.startswith("You are a pirate.")


@pytest.mark.parametrize("name", SERVERS)
async def test_a_thread_heals(harness: BotHarness, name: str) -> None:
    """A server that says nothing about what it refuses is asked in plainer shapes, and what it took
    is remembered.
    """
    async with harness.running(TOOLS):
        root = await talk(harness)
        StrictModel(harness, SERVERS[name], names_it=False)
        for text in ("hello", "add"):
            before = len(harness.model.requests)
            await harness.mention(text, thread=root.ts)
            await harness.service.bot.idle()
            assert "Here you are." in harness.answers(root)[-1].shown
            assert len(harness.model.requests) - before <= MAX_ATTEMPTS
        before = len(harness.model.requests)
        await harness.mention("and now?", thread=root.ts)
        await harness.service.bot.idle()
    assert harness.answers(root)[-1].shown == "Here you are."
    assert len(harness.model.requests) - before <= 3


async def test_calls_of_mistral(harness: BotHarness) -> None:
    """The ids that the model gave are shortened, and its text stands before its calls."""
    async with harness.running(TOOLS):
        StrictModel(harness, MISTRAL)
        question = await harness.mention("add")
        await harness.answered(question, f"Wait.\n\nHere you are.\n\n{USED_TWICE}")
    *_, text, calling, first, second = harness.model.requests[-1]["messages"]
    ids = [call["id"] for call in calling["tool_calls"]]
    assert (text["content"], calling["content"]) == ("Wait.", "")
    assert [len(each) for each in ids] == [9, 9]
    assert [first["tool_call_id"], second["tool_call_id"]] == ids


async def test_empty_content_next_to_calls(harness: BotHarness) -> None:
    """Where an empty text is refused, a message with calls has none."""
    async with harness.running(TOOLS):
        StrictModel(harness, {"no_blank_content"})
        harness.model.enqueue(calls("add", '{"a": 2}'))
        question = await harness.mention("how much?")
        await harness.answered(question, "Here you are.\n\n🔧 _Used `add`_")
    calling = harness.model.requests[-1]["messages"][-2]
    assert "content" not in calling
    assert len(harness.model.requests) == 3
