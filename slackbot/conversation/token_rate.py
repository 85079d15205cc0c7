"""How many tokens a byte of text is, learned from the usage that a server reports. Pure.

A server may report anything. A figure that no tokenizer can reach teaches nothing, and a single one
moves the rate halfway at most.
"""

DEFAULT_TOKENS_PER_BYTE = 0.25
"""Four bytes a token, as in English: https://github.com/openai/tiktoken#what-is-bpe-anyway"""

MAX_TOKENS_PER_BYTE = 1.2
"""A tokenizer's vocabulary holds all single bytes, so a text has no more tokens than bytes. A fifth
is for what a server's chat template puts around short messages."""

MIN_TOKENS_PER_BYTE = 1 / 16
"""The densest text is half as dense: with OpenAI's newest tokenizer, Hindi has about 7.5 bytes a
token (https://openai.com/index/hello-gpt-4o/)."""

HALF_WEIGHT_BYTES = 4_000
"""A request of this size moves the rate by a half of what one of any size may move it. In a short
request the words that a server adds by itself weigh too much."""

MAX_WEIGHT = 0.5
"""How far one report moves the rate towards what it says."""


def plausible_rate(tokens_per_byte: float) -> float:
    """Returns a rate that was stored, or the default if no tokenizer can have counted so."""
    is_plausible = MIN_TOKENS_PER_BYTE <= tokens_per_byte <= MAX_TOKENS_PER_BYTE
    return tokens_per_byte if is_plausible else DEFAULT_TOKENS_PER_BYTE


def learned_rate(tokens_per_byte: float, *, tokens: int, size: int) -> float:
    """Returns the rate after a request of `size` bytes that counted for so many tokens."""
    if size <= 0 or not MIN_TOKENS_PER_BYTE * size <= tokens <= MAX_TOKENS_PER_BYTE * size:
        return tokens_per_byte
    weight = MAX_WEIGHT * size / (size + HALF_WEIGHT_BYTES)
    return tokens_per_byte + weight * (tokens / size - tokens_per_byte)
