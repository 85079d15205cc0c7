"""The connection to an OpenAI-compatible server."""

import httpx2
from openai import AsyncOpenAI

OPENAI = "https://api.openai.com/v1"

CONNECT = 5.0
"""Seconds for a connection to stand."""

RETRIES = 2
"""The client's own: after 408, 409, 429, 5xx and lost connections."""


def connect(api_key: str, base_url: str | None, timeout: float) -> AsyncOpenAI:
    """To be closed when it is not needed any more. `timeout` is in seconds, for each attempt."""
    return AsyncOpenAI(
        api_key=api_key or "none",  # Servers without keys take any; the client insists on one.
        base_url=base_url or OPENAI,
        timeout=httpx2.Timeout(timeout, connect=CONNECT),
        max_retries=RETRIES,
    )
