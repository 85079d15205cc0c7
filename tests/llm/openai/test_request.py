"""What is known of a request before it has a form."""

import pytest

from slackbot.attachments.media_parts import PdfContent, TextContent
from slackbot.llm.openai.request import OpenAIRequest
from slackbot.llm.prompt import Prompt, PromptMessage
from tests.llm.openai.prompts import ADD, ASKED, PICTURE, USED

ANA = PromptMessage("user", "Hello?", name="Ana")
SEEN = PromptMessage("user", "Look!", media=(PICTURE,))
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


def test_without_images() -> None:
    """The images go, and the text says so; a request without any stays the same."""
    both = PromptMessage("user", "Look!", media=(PICTURE, PDF))
    (message,) = OpenAIRequest("tiny", Prompt((both,))).without_images().prompt.messages
    assert (message.content, message.media) == ("Look!\n(You can't see pictures.)", (PDF,))
    blank = OpenAIRequest("tiny", Prompt(ASKED))
    assert blank.without_images() == blank
