"""The connection to an OpenAI-compatible server."""

import httpx2
from openai import AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"

CONNECT_TIMEOUT_SECONDS = 5.0

MAX_RETRIES = 2
"""The client's own: after 408, 409, 429, 5xx and lost connections."""

VOICE = "alloy"
"""Every model that speaks has had this voice so far."""


def connect(api_key: str, base_url: str | None, timeout_seconds: float) -> AsyncOpenAI:
    """To be closed when it is not needed any more. The timeout is that of each attempt."""
    return AsyncOpenAI(
        api_key=api_key or "none",  # Servers without keys take any; the client insists on one.
        base_url=base_url or OPENAI_URL,
        timeout=httpx2.Timeout(timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS),
        max_retries=MAX_RETRIES,
    )


def is_openai(host: str) -> bool:
    """Whether a host is OpenAI's own, or Azure's with the same models."""
    return host == "api.openai.com" or host.endswith((".openai.com", ".openai.azure.com"))
