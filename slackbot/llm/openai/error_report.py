"""What a failed request tells about itself, whichever way it failed.

Servers put their errors into many shapes, and the client raises several kinds of exceptions. All
that is decided about a failure is decided on this one value.
"""

import errno
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeGuard

from slackbot.llm.openai.event_stream import UnreadableEventError
from slackbot.llm.openai.response_events import ResponseFailedError
from slackbot.network.certificates import CERTIFICATE_FILE

FailureKind = Literal[
    "refused", "reported", "timeout", "connection", "proxy", "certificate", "unreadable"
]
"""`refused`: by an HTTP status; `reported`: by an error object in the stream; `proxy` and
`certificate`: there was no connection for this reason.
"""

REFUSED_CONNECTION = "ECONNREFUSED"
"""The code where nothing listens at the server's port."""

IGNORED_KEYS = frozenset({"ctx", "url", "messages", "content"})
"""Parts of an error's body that repeat the request or explain nothing."""

MAX_EXPLANATION_CHARACTERS = 500
"""Of each text: what is wrong stands at its beginning, and what people wrote may follow."""

_REPEATED_REQUEST = re.compile(r"\bmessages ?= ?\[|\bon data=\{")
"""As llama.cpp does: https://github.com/ggml-org/llama.cpp/issues/12947, and vLLM over a picture:
https://github.com/vllm-project/vllm/issues/21109
"""

MAX_INPUT_CHARACTERS = 40
"""Validators repeat the refused value as `input`: a role is worth reading, a message is not."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """`text` is what the server said, for matching only: it may repeat messages and keys."""

    kind: FailureKind
    status: int | None = None
    codes: tuple[str, ...] = ()
    """The error's code and type, as far as it has them."""
    request_id: str = ""
    text: str = ""
    began: bool = False
    """Some of the answer had arrived."""
    advice: str = ""
    """Which setting to look at, for the log."""

    @classmethod
    def of(cls, error: Exception) -> "ErrorReport":
        """The report of one of the `failures()`."""
        from openai import APIError, APIStatusError  # noqa: PLC0415 - imported by the request

        from slackbot.network.failures import network_error  # noqa: PLC0415 - the same

        if fault := network_error(error):
            kind_of_fault: FailureKind = (
                "certificate" if fault.variable == CERTIFICATE_FILE else "proxy"
            )
            return cls(kind_of_fault, advice=fault.user_message)
        if kind := _connection_failure(error):
            return cls(kind, codes=(REFUSED_CONNECTION,) if _is_refused(error) else ())
        if isinstance(error, ResponseFailedError):
            codes = tuple(filter(_is_code, (error.error.get("code"), error.error.get("type"))))
            return cls(
                "reported", codes=codes, text="\n".join(map(_explanation, _strings(error.error)))
            )
        if not isinstance(error, APIError):
            return cls("unreadable")
        codes = tuple(code for code in (error.code, error.type) if _is_code(code))
        text = "\n".join(map(_explanation, (error.message, *_strings(error.body))))
        if isinstance(error, APIStatusError):
            return cls("refused", error.status_code, codes, error.request_id or "", text)
        return cls("reported", codes=codes, text=text)


@cache
def failures() -> tuple[type[Exception], ...]:
    """Everything that a request or its stream may raise.

    httpx2's and aiohttp's are raised when the connection breaks while a response is read, and the
    last two when a response is not JSON or not UTF-8.
    """
    import httpx2  # noqa: PLC0415 - imported by the request
    from aiohttp import ClientError  # noqa: PLC0415 - the same
    from openai import OpenAIError  # noqa: PLC0415 - the same

    return (
        OpenAIError,
        httpx2.HTTPError,
        ClientError,
        TimeoutError,
        ResponseFailedError,
        UnreadableEventError,
        json.JSONDecodeError,
        UnicodeError,
    )


def _connection_failure(error: Exception) -> Literal["timeout", "connection"] | None:
    """The client takes most lost connections for timeouts, but aiohttp tells what caused them."""
    import httpx2  # noqa: PLC0415 - imported by the request
    from aiohttp import ClientError  # noqa: PLC0415 - the same
    from openai import APIConnectionError, APITimeoutError  # noqa: PLC0415 - the same

    from slackbot.network.failures import causes  # noqa: PLC0415 - the same

    is_lost = any(
        isinstance(each, ClientError) and not isinstance(each, TimeoutError)
        for each in causes(error)
    )
    if isinstance(error, APITimeoutError | TimeoutError | httpx2.TimeoutException) and not is_lost:
        return "timeout"
    is_known = isinstance(error, APIConnectionError | httpx2.HTTPError | ClientError)
    return "connection" if is_known else None


def _is_refused(error: Exception) -> bool:
    from slackbot.network.failures import causes  # noqa: PLC0415 - imported by the request

    return any(
        isinstance(each, OSError) and each.errno == errno.ECONNREFUSED for each in causes(error)
    )


def _is_code(value: object) -> TypeGuard[str]:
    """Whether it is a word for a log line, and not some text in a code's place."""
    return isinstance(value, str) and re.fullmatch(r"[\w.-]{1,64}", value) is not None


def _explanation(text: str) -> str:
    """The beginning of a text of the server's, up to where it repeats the request."""
    return _REPEATED_REQUEST.split(text, maxsplit=1)[0][:MAX_EXPLANATION_CHARACTERS]


def _strings(value: Any, key: str = "") -> Iterator[str]:
    """The texts in an error's body; the path of a `loc` as one: `body.messages.0.name`."""
    if isinstance(value, str):
        if key != "input" or len(value) <= MAX_INPUT_CHARACTERS:
            yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in IGNORED_KEYS:
                yield from _strings(inner, name)
    elif isinstance(value, list):
        if key == "loc":
            yield ".".join(map(str, value))
        else:
            for inner in value:
                yield from _strings(inner, key)
