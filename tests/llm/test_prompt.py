"""What a request weighs, and what it holds."""

from slackbot.attachments.media_parts import AudioContent, ImageContent
from slackbot.conversation.history import ToolCall
from slackbot.llm.prompt import MESSAGE_OVERHEAD_BYTES, Prompt, PromptMessage
from slackbot.llm.tool_calls import ToolDefinition

PICTURE = ImageContent(b"", "image/png", 32, 32)
CLIP = AudioContent(b"", "a.mp3", 60.0, 60.0)


def test_the_size_of_a_message() -> None:
    """Each text counts in bytes of UTF-8, and each call as a message of its own."""
    assert PromptMessage("user", "ä", name="Ana").size == 5 + MESSAGE_OVERHEAD_BYTES
    called = PromptMessage("assistant", "", calls=(ToolCall("1", "add", "{}"),))
    assert called.size == 5 + 2 * MESSAGE_OVERHEAD_BYTES
    assert PromptMessage("assistant", "", refusal="No.").size == 3 + MESSAGE_OVERHEAD_BYTES


def test_the_tokens_of_a_request() -> None:
    """Text and tools cost what the server was seen to count; media cost the same with each rate."""
    tool = ToolDefinition("add", "Adds.", {"type": "object"})
    text = Prompt((PromptMessage("user", "Look!"),), tools=(tool,))
    assert text.size == 5 + MESSAGE_OVERHEAD_BYTES + tool.size
    assert text.tokens(0.5) == text.size * 0.5
    seen = Prompt((PromptMessage("user", "Look!", media=(PICTURE,)),), tools=(tool,))
    assert seen.tokens(0.5) == text.tokens(0.5) + PICTURE.tokens


def test_what_a_request_holds() -> None:
    """A request with media is more than text, and one with a recording has audio."""
    held = [
        (prompt.has_hidden_input, prompt.has_audio)
        for media in ((), (PICTURE,), (PICTURE, CLIP))
        for prompt in [
            Prompt((PromptMessage("user", "a"), PromptMessage("user", "b", media=media)))
        ]
    ]
    assert held == [(False, False), (True, False), (True, True)]


def test_what_a_server_counts_that_is_no_text() -> None:
    """What a search finds, speech that the server keeps, and the reasoning before tool calls."""
    asked = PromptMessage("user", "a")
    called = PromptMessage("assistant", "", calls=(ToolCall("1", "add", "{}"),))
    spoken = PromptMessage("assistant", "b", audio_id="audio_1")
    tool = ToolDefinition("add", "Adds.", {"type": "object"})
    assert not Prompt((asked,), tools=(tool,)).has_hidden_input
    assert Prompt((asked,), search=True).has_hidden_input
    assert Prompt((asked, called)).has_hidden_input
    assert Prompt((asked, spoken)).has_hidden_input
