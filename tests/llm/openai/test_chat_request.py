"""What a prompt looks like in a chat completion request, with all features and without."""

from collections.abc import Collection
from typing import Any

import pytest

from slackbot.attachments.media_parts import AudioContent, ImageContent, PdfContent, TextContent
from slackbot.llm.openai.chat_request import body, features
from slackbot.llm.openai.message_shapes import GO_ON
from slackbot.llm.openai.request import Feature, OpenAIRequest
from slackbot.llm.prompt import Prompt, PromptMessage
from tests.llm.openai.prompts import ADD, CALL, USED

ANA = PromptMessage("user", "Hello?", name="Ana")
BEN = PromptMessage("user", "Hi!", name="Ben")
INSTRUCTIONS = PromptMessage("developer", "Be brief.")
NOTICE = PromptMessage("developer", "(Some was left out.)")
SEEN = PromptMessage(
    "user", "Look!\n[file: a.png]", media=(ImageContent(b"abc", "image/png", 1, 1),)
)
SPOKEN = PromptMessage("assistant", "Ahoy.", audio_id="audio_1")


def messages(*prompt: PromptMessage, without: Collection[Feature] = ()) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = body(OpenAIRequest("tiny", Prompt(prompt)), without)["messages"]
    return sent


def test_developer() -> None:
    """Developer messages keep their role and stay apart where the role is taken."""
    roles = [message["role"] for message in messages(INSTRUCTIONS, NOTICE, ANA)]
    assert roles == ["developer", "developer", "user"]


def test_without_developer() -> None:
    """Otherwise they are one system message, as many chat templates take no second one."""
    sent = messages(INSTRUCTIONS, NOTICE, ANA, without={"developer"})
    assert sent[0] == {"role": "system", "content": "Be brief.\n\n(Some was left out.)"}
    assert [message["role"] for message in sent] == ["system", "user"]


def test_without_names() -> None:
    """Where names are refused and several people speak, the text says who does."""
    sent = messages(ANA, BEN, without={"name"})
    assert [message["content"] for message in sent] == ["Ana: Hello?", "Ben: Hi!"]
    assert not any("name" in message for message in sent)


def test_without_the_name_of_one() -> None:
    """One person needs no name in the text."""
    assert messages(ANA, ANA, without={"name"})[1] == {"role": "user", "content": "Hello?"}


def test_nameless() -> None:
    """A message without a name has no such field: an empty one is refused."""
    assert messages(PromptMessage("user", "Hello?")) == [{"role": "user", "content": "Hello?"}]


def test_refusal() -> None:
    """The model's refusal goes back to it as one, and not as something that it said."""
    refusal = PromptMessage("assistant", "", refusal="I won't.")
    assert messages(refusal) == [{"role": "assistant", "content": "", "refusal": "I won't."}]


def test_tools() -> None:
    """Calls go back with their results; a model that must answer may not call tools."""
    sent = body(OpenAIRequest("tiny", Prompt(USED, tools=(ADD,), must_answer=True)), ())
    function = {"name": "add", "arguments": CALL.arguments}
    assert sent["messages"][2:] == [
        {
            "role": "assistant",
            "content": "Wait.",
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        },
        {"role": "tool", "content": "2", "tool_call_id": "call_1"},
    ]
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["add"]
    assert sent["tool_choice"] == "none"


def test_without_tools() -> None:
    """Where tools are refused only the text around them is sent, as one message; a model that has
    not answered yet is asked to go on.
    """
    silent = PromptMessage("assistant", "", calls=(CALL,))
    sent = body(OpenAIRequest("tiny", Prompt((*USED, silent), tools=(ADD,))), {"tools"})
    assert sent["messages"][2:] == [
        {"role": "assistant", "content": "Wait."},
        {"role": "user", "content": GO_ON},
    ]
    assert "tools" not in sent
    (asked, said) = messages(ANA, *USED[2:], SPOKEN, without={"used_tools", "audio_id"})
    assert said == {"role": "assistant", "content": "Wait.\n\nAhoy."}
    assert asked["role"] == "user"


def test_media() -> None:
    """Media go next to the text, inside the request."""
    pdf = PdfContent(b"%PDF-", TextContent("a.pdf", "Hello", 5), 1)
    clip = AudioContent(b"ID3", "a.mp3", 1.0, 1.0)
    message = PromptMessage("user", "Look!", media=(*SEEN.media, pdf, clip))
    (sent,) = messages(message)
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}
    assert sent["content"] == [
        {"type": "text", "text": "Look!"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}},
        {"type": "file", "file": file},
        {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}},
    ]


def test_without_media() -> None:
    """A model that takes no images reads that there was one; the message is text again."""
    (sent,) = messages(SEEN, without={"image_url"})
    assert sent["content"] == "Look!\n[file: a.png]\n(You can't see pictures.)"


def test_an_answer_aloud() -> None:
    """Sound is asked for in the form in which it can be streamed; what was said goes by its id."""
    request = OpenAIRequest("gpt-audio", Prompt((ANA, SPOKEN), aloud=True))
    sent = body(request, ())
    assert sent["modalities"] == ["text", "audio"]
    assert sent["audio"]["format"] == "pcm16"
    assert sent["messages"][1] == {"role": "assistant", "audio": {"id": "audio_1"}}
    assert {"audio", "audio_id"} <= {*features(request)}


def test_without_sound() -> None:
    """Otherwise its words are sent."""
    request = OpenAIRequest("tiny", Prompt((ANA, SPOKEN), aloud=True))
    sent = body(request, {"audio", "audio_id"})
    assert "modalities" not in sent
    assert sent["messages"][1] == {"role": "assistant", "content": "Ahoy."}


LIMIT = ["max_completion_tokens", "max_tokens"]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (Prompt((INSTRUCTIONS, ANA)), ["developer", "stream_options", "name", "system", *LIMIT]),
        (Prompt((PromptMessage("user", "Hello?"),)), ["stream_options", *LIMIT]),
        (Prompt((SEEN, SEEN)), ["stream_options", "repeated_roles", *LIMIT, "image_url"]),
        (Prompt(()), ["stream_options", *LIMIT]),
    ],
)
def test_features(prompt: Prompt, expected: list[Feature]) -> None:
    """A request makes use of what its body has, in the order in which it may be left out."""
    assert [*features(OpenAIRequest("tiny", prompt))] == expected


@pytest.mark.parametrize(
    ("without", "sent"),
    [
        (set(), {"max_completion_tokens": 5}),
        ({"max_completion_tokens"}, {"max_tokens": 5}),
        ({"max_completion_tokens", "max_tokens"}, {}),
    ],
)
def test_limit_of_the_answer(without: set[Feature], sent: dict[str, int]) -> None:
    """A server that does not know today's name of the limit gets the older one, or none."""
    body_ = body(OpenAIRequest("tiny", Prompt(()), max_tokens=5), without)
    assert {name: value for name, value in body_.items() if name.startswith("max_")} == sent
