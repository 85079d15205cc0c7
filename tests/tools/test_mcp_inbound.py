"""Which messages of a server the session gets."""

import pytest
from mcp.types import (
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)

from slackbot.tools.mcp_inbound import (
    MAX_UNASKED,
    UNASKED_BYTES,
    UNASKED_SECONDS,
    InboundFilter,
    TooMuchSentError,
)

NEWS = JSONRPCNotification(jsonrpc="2.0", method="notifications/message")


def question(number: int) -> JSONRPCRequest:
    return JSONRPCRequest(jsonrpc="2.0", id=number, method="tools/call")


def answer(number: int) -> JSONRPCResponse:
    return JSONRPCResponse(jsonrpc="2.0", id=number, result={})


def test_answers() -> None:
    """Each answer to a question is taken once; requests are passed on to be refused."""
    inbound = InboundFilter()
    inbound.sent(question(1))
    inbound.sent(question(2))
    error = JSONRPCError(jsonrpc="2.0", id=2, error=ErrorData(code=1, message="no"))
    assert [inbound.accepts(each) for each in (answer(1), answer(1), error, error)] == [
        True,
        False,
        True,
        False,
    ]
    assert inbound.accepts(question(7))
    assert not inbound.accepts(NEWS)
    assert not inbound.accepts(None)


def test_too_many() -> None:
    """So many within a minute are fine, and one more is not; long ones count more."""
    now = 0.0
    inbound = InboundFilter(clock=lambda: now)
    for _ in range(MAX_UNASKED):
        assert not inbound.accepts(NEWS)
    now = UNASKED_SECONDS
    for _ in range(MAX_UNASKED):
        assert not inbound.accepts(NEWS)
    with pytest.raises(TooMuchSentError):
        inbound.accepts(NEWS)
    now = 3 * UNASKED_SECONDS
    with pytest.raises(TooMuchSentError):
        inbound.accepts(None, size=UNASKED_BYTES * MAX_UNASKED)


def test_answers_are_not_counted() -> None:
    """A bot that asks much gets all its answers."""
    inbound = InboundFilter(clock=lambda: 0.0)
    for number in range(3 * MAX_UNASKED):
        inbound.sent(question(number))
        assert inbound.accepts(answer(number), size=10**6)
