"""The meaning of the reasons that servers give for the end of an answer.

OpenAI's are in https://platform.openai.com/docs/api-reference/chat-streaming. Gateways pass on the
words of the model's provider: Anthropic's `end_turn` and `max_tokens`, Gemini's `STOP`, `SAFETY`.
"""

from collections.abc import Mapping

from slackbot.conversation.history import FinishReason

FINISH_REASONS: Mapping[str, FinishReason] = {
    **dict.fromkeys(
        (
            "length",
            "max_length",
            "max_output_tokens",
            "max_tokens",
            "model_context_window_exceeded",
            "model_length",
        ),
        "length",
    ),
    **dict.fromkeys(
        (
            "blocklist",
            "content_filter",
            "content_filtered",
            "guardrail_intervened",
            "image_safety",
            "prohibited_content",
            "recitation",
            "refusal",
            "safety",
            "sensitive",
            "spii",
        ),
        "content_filter",
    ),
    **dict.fromkeys(
        (
            "abort",
            "aborted",
            "cancelled",
            "error",
            "failed",
            "insufficient_system_resource",
            "internal_error",
            "malformed_function_call",
            "network_error",
        ),
        "broken",
    ),
}
"""By a reason in lower case."""


def meaning_of(reason: str) -> FinishReason:
    """The meaning of a reason; of one that is not listed, that the model had no more to say."""
    return FINISH_REASONS.get(reason.lower(), "stop")
