"""The signature of Slack's requests."""

from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from slack_sdk.signature import SignatureVerifier

from slackbot.slack.signatures import ClaimedSignature
from tests.security.wire import signed


def claimed(headers: dict[str, str]) -> ClaimedSignature | None:
    return ClaimedSignature.read(CIMultiDictProxy(CIMultiDict(headers)))


@given(st.text())
def test_slack_agrees(body: str) -> None:
    """What Slack's own library signs is signed, and nothing else is."""
    signature = SignatureVerifier("shh").generate_signature(timestamp="1700000000", body=body)
    headers = {"X-Slack-Request-Timestamp": "1700000000", "X-Slack-Signature": str(signature)}
    claim = claimed(headers)
    assert claim is not None
    assert claim.signs(body.encode(), b"shh")
    assert not claim.signs(body.encode() + b"\0", b"shh")
    assert not claim.signs(body.encode(), b"another")


@given(st.binary())
def test_all_bytes_can_be_signed(body: bytes) -> None:
    """A body needs not be a text."""
    claim = claimed(signed("shh", body))
    assert claim is not None
    assert claim.signs(body, b"shh")


@given(st.text(), st.text())
def test_any_headers(timestamp: str, signature: str) -> None:
    """No header raises anything."""
    claim = claimed({"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature})
    assert claim is None or not claim.signs(b"", b"shh")


def test_five_minutes() -> None:
    """A request counts from five minutes before its time to five minutes after it."""
    claim = ClaimedSignature("1000", "")
    current = [now for now in (699.0, 700.0, 1_300.0, 1_301.0) if claim.is_current(now)]
    assert current == [700.0, 1_300.0]
