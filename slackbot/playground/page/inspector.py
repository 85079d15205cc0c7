"""What the inspector shows: how an answer came about, and all traffic between Slack and the app."""

import math
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.recorded_calls import RecordedCall
from slackbot.playground.json_types import Json
from slackbot.playground.playground import Playground
from slackbot.playground.recording_proxy import Exchange

MAX_ENTRIES = 300
"""How many of the newest entries a list shows."""

CLOCK_TOLERANCE_SECONDS = 2.0
"""How far outside an answer's time a request to the model may start."""


class Inspector:
    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._workspace = playground.workspace
        self._epoch = time.time() - time.monotonic()

    def answer(self, message: PostedMessage) -> Json:
        """Returns the requests to the model for an answer, and the edits that showed it."""
        versions = message.versions
        exchanges = self._exchanges_of(message)
        start = min([versions[0].at, *(each.started for each in exchanges)])
        edits = [
            {"at": round(now.at - start, 3), "length": len(now.shown)}
            for before, now in pairwise([None, *versions])
            if now is not None and (before is None or before.shown != now.shown)
        ]
        return {
            "started": self._epoch + start,
            "edits": edits,
            "requests": [self._request(each, start) for each in exchanges],
        }

    def traffic(self) -> Sequence[Json]:
        """Returns the newest calls and deliveries, in order."""
        calls = enumerate(self._workspace.calls)
        deliveries = enumerate(self._workspace.deliveries)
        entries = [
            *(self._call(number, call) for number, call in list(calls)[-MAX_ENTRIES:]),
            *(self._delivery(number, each) for number, each in list(deliveries)[-MAX_ENTRIES:]),
        ]
        return sorted(entries, key=lambda entry: entry["at"])[-MAX_ENTRIES:]

    def entry(self, kind: str, number: int) -> Json:
        """Returns the whole of one entry; raises LookupError."""
        if kind == "call":
            call = self._workspace.calls[number]
            return {"arguments": call.args, "answer": dict(call.answer)}
        delivery = self._workspace.deliveries[number]
        return {"payload": delivery.payload, "acknowledgement": delivery.response}

    def rate_limit_usage(self) -> Sequence[Json]:
        """Returns, for each called method, how much of its limit is used, and its 429s."""
        calls: dict[str, list[RecordedCall]] = {}
        for call in self._workspace.calls:
            calls.setdefault(call.method, []).append(call)
        limits = self._workspace.limits or RateLimits()
        return [
            {
                "method": method,
                "used": self._workspace.used(method),
                "limit": None if self._workspace.limits is None else limits.per_minute(method),
                "calls": len(made),
                "refused": sum(call.status == 429 for call in made),  # noqa: PLR2004 - HTTP
                "failed": sum(call.status >= 500 or bool(call.error) for call in made),  # noqa: PLR2004
            }
            for method, made in sorted(calls.items())
        ]

    def _exchanges_of(self, message: PostedMessage) -> Sequence[Exchange]:
        """Finds the requests for an answer: sent between question and end, with matching texts.

        A request does not say which message it is for.
        """
        asked = self._question_before(message)
        since = asked.versions[0].at if asked else message.versions[0].at - CLOCK_TOLERANCE_SECONDS
        versions = message.versions
        until = versions[-1].at + CLOCK_TOLERANCE_SECONDS
        near = [
            each for each in self._playground.recorder.exchanges if since <= each.started <= until
        ]
        earlier = {_alphanumeric(state.shown) for state in versions[:-1]}
        same = [
            each
            for each in near
            if _starts_alike(each.text, message.shown) or _alphanumeric(each.text) in earlier - {""}
        ]
        if not same and asked is not None:
            question = _alphanumeric(asked.text)[-60:]
            same = [each for each in near if question in _alphanumeric(_last_user_text(each))]
        return same or (near if len(near) == 1 else [])

    def _question_before(self, message: PostedMessage) -> PostedMessage | None:
        channel = self._workspace.channels[message.channel]
        thread = self._workspace.visible_thread(channel, message.thread_ts or message.ts)
        earlier = [each for each in thread if each.ts < message.ts and not each.bot_id]
        return earlier[-1] if earlier else None

    def _request(self, exchange: Exchange, start: float) -> Json:
        ended = exchange.ended
        return {
            "number": exchange.number,
            "path": exchange.path,
            "body": exchange.body,
            "status": exchange.status,
            "error": exchange.error,
            "text": exchange.text,
            "tool_calls": exchange.tools,
            "usage": exchange.usage,
            "at": round(exchange.started - start, 3),
            "ended": None if ended is None else round(ended - start, 3),
            "chunks": [[round(at - start, 3), length] for at, length in exchange.chunks],
        }

    def _call(self, number: int, call: RecordedCall) -> Json:
        took = None if math.isinf(call.ended) else round(call.ended - call.started, 3)
        return {
            "kind": "call",
            "number": number,
            "at": self._epoch + call.started,
            "name": call.method,
            "status": call.status,
            "error": call.error,
            "took": took,
        }

    def _delivery(self, number: int, delivery: Delivery) -> Json:
        return {
            "kind": "delivery",
            "number": number,
            "at": self._epoch + delivery.started,
            "name": _name(delivery),
            "attempts": delivery.attempts,
            "acknowledged": delivery.acknowledged,
            "over": delivery.settled.is_set(),
        }


def _name(delivery: Delivery) -> str:
    payload = delivery.payload
    match delivery.kind:
        case "slash_commands":
            return str(payload.get("command"))
        case "interactive":
            return str(payload.get("type"))
    event = delivery.event
    subtype = event.get("subtype")
    return f"{event.get('type')}.{subtype}" if subtype else str(event.get("type"))


def _starts_alike(one: str, other: str) -> bool:
    """Whether both texts start with the same letters, ignoring markup."""
    mine, theirs = _alphanumeric(one), _alphanumeric(other)
    length = min(len(mine), len(theirs))
    return length > 0 and mine[:length] == theirs[:length]


def _alphanumeric(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _last_user_text(exchange: Exchange) -> str:
    messages = exchange.body.get("messages") or exchange.body.get("input") or []
    said = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"]
    return "".join(_texts(said[-1].get("content"))) if said else ""


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            yield str(part.get("text", ""))
