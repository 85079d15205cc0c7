"""What is known of a request before it has a form."""

from dataclasses import replace

import pytest

from slackbot.attachments.media_parts import AudioContent, PdfContent, TextContent
from slackbot.llm.openai.request import OpenAIRequest
from slackbot.llm.prompt import Prompt, PromptMessage
from tests.llm.openai.prompts import ADD, ASKED, PICTURE, USED

ANA = PromptMessage("user", "Hello?", name="Ana")
SEEN = PromptMessage("user", "Look!", media=(PICTURE,))
CLIP = AudioContent(b"ID3", "", 1.0, 1.0)
PDF = PdfContent(b"%PDF-", TextContent("a.pdf", "Hello", 5), 1)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [(Prompt(ASKED), False), (Prompt(ASKED, tools=(ADD,)), True), (Prompt(USED), True)],
)
def test_tools_in_use(prompt: Prompt, expected: bool) -> None:  # noqa: FBT001 - what is expected
    """Tools are in use where they are offered, and where they were called earlier."""
    assert OpenAIRequest("tiny", prompt).uses_tools is expected


def test_hidden_media() -> None:
    """Only what people sent since the last answer counts, and only what the model can't read."""
    answered = Prompt((SEEN, PromptMessage("assistant", "Ah."), ANA))
    assert OpenAIRequest("tiny", answered).hidden_media({"image_url"}) == set()
    assert OpenAIRequest("tiny", Prompt((ANA, SEEN))).hidden_media({"image_url"}) == {"image_url"}
    assert OpenAIRequest("tiny", Prompt((ANA, SEEN))).hidden_media({"name"}) == set()
    document = PromptMessage("user", "Read!", media=(PDF,))
    assert OpenAIRequest("tiny", Prompt((document,))).hidden_media({"file"}) == set()


def test_media_features() -> None:
    """Each kind of media is named once."""
    both = PromptMessage("user", "Look!", media=(PICTURE, PDF, PICTURE))
    request = OpenAIRequest("tiny", Prompt((SEEN, both)))
    assert [*request.media_features] == ["image_url", "file"]


def test_inputs() -> None:
    """All media are known by their content, with what was sent since the last answer."""
    prompt = Prompt((SEEN, PromptMessage("assistant", "Ah."), replace(SEEN, media=(PDF, CLIP))))
    request = OpenAIRequest("tiny", prompt)
    assert [(each.feature, each.is_new) for each in request.inputs] == [
        ("image_url", False),
        ("file", True),
        ("input_audio", True),
    ]
    assert request.new_media == [PDF, CLIP]
    renamed = replace(PICTURE, name="b.png")
    assert OpenAIRequest("tiny", Prompt((replace(SEEN, media=(renamed,)),))).inputs[0].key == (
        request.inputs[0].key
    )


def test_without_inputs() -> None:
    """Single media go, and the text holds what can be read of them, or names them."""
    named = replace(PICTURE, content=b"b", name="b.png")
    both = PromptMessage("user", "Look!", media=(PICTURE, named, PDF, CLIP))
    request = OpenAIRequest("tiny", Prompt((both, ANA)))
    keys = {each.key for each in request.inputs[1:]}
    first, last = request.without_inputs(keys).prompt.messages
    assert first.media == (PICTURE,)
    assert first.content == (
        "Look!\n(“b.png” could not be shown to you.)\n"
        f"{PDF.extract.quoted}\n(a file could not be shown to you.)"
    )
    assert last == ANA
    assert request.without_inputs(frozenset()) is request
