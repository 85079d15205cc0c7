"""What a prompt looks like in a request, with all features and without."""

from collections.abc import Collection
from typing import Any

import pytest

from slackbot.attachments.media_parts import ImageContent
from slackbot.llm.openai.chat_request import ChatRequest, Feature
from slackbot.llm.prompt import Prompt, PromptMessage

ANA = PromptMessage("user", "Hello?", name="Ana")
BEN = PromptMessage("user", "Hi!", name="Ben")
INSTRUCTIONS = PromptMessage("developer", "Be brief.")
NOTICE = PromptMessage("developer", "(Some was left out.)")


def messages(*prompt: PromptMessage, without: Collection[Feature] = ()) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = ChatRequest("tiny", Prompt(prompt)).body(without)["messages"]
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


SEEN = PromptMessage(
    "user", "Look!\n[file: a.png]", media=(ImageContent(b"abc", "image/png", 1, 1),)
)


def test_pictures() -> None:
    """A picture goes beside the text, inside the request."""
    (sent,) = messages(SEEN)
    assert sent["content"] == [
        {"type": "text", "text": "Look!\n[file: a.png]"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}},
    ]


def test_without_pictures() -> None:
    """A model that takes none is told so, and that what was asked last enclosed one."""
    (sent,) = messages(SEEN, without={"image_url"})
    assert sent["content"] == "Look!\n[file: a.png]\n(You can't see pictures.)"
    answered = ChatRequest("tiny", Prompt((SEEN, PromptMessage("assistant", "Ah."), ANA)))
    assert answered.unseen({"image_url"}) == set()
    assert ChatRequest("tiny", Prompt((ANA, SEEN))).unseen({"image_url"}) == {"image_url"}
    assert ChatRequest("tiny", Prompt((ANA, SEEN))).unseen({"name"}) == set()


SAID = PromptMessage("assistant", "Ahoy.", spoken="audio_1")


def test_an_answer_aloud() -> None:
    """Sound is asked for in the form in which it can be streamed; what was said goes by its id."""
    request = ChatRequest("gpt-audio", Prompt((ANA, SAID), aloud=True))
    body = request.body(())
    assert body["modalities"] == ["text", "audio"]
    assert body["audio"]["format"] == "pcm16"
    assert body["messages"][1] == {"role": "assistant", "audio": {"id": "audio_1"}}
    assert {"audio", "audio_id"} <= {*request.features}


def test_without_sound() -> None:
    """Otherwise its words are sent."""
    body = ChatRequest("tiny", Prompt((ANA, SAID), aloud=True)).body({"audio", "audio_id"})
    assert "modalities" not in body
    assert body["messages"][1] == {"role": "assistant", "content": "Ahoy."}


@pytest.mark.parametrize(
    ("request_", "features"),
    [
        (ChatRequest("tiny", Prompt((INSTRUCTIONS, ANA))), ["developer", "stream_options", "name"]),
        (ChatRequest("tiny", Prompt((PromptMessage("user", "Hello?"),))), ["stream_options"]),
        (ChatRequest("tiny", Prompt((SEEN, SEEN))), ["stream_options", "image_url"]),
        (ChatRequest("tiny", Prompt(()), limit=5), ["stream_options", "max_completion_tokens"]),
    ],
)
def test_features(request_: ChatRequest, features: list[Feature]) -> None:
    """A request makes use of what its body has, in the order in which it may be left out."""
    assert list(request_.features) == features
