"""The questions of a chaos run: their text, and what the bot has acknowledged of them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.json_types import Json

_QUESTION = re.compile(r"question (\d+)(?: version (\d+))?")

Place = tuple[str, str]
"""The channel and the ts of a message."""


class Asked(NamedTuple):
    """A question in one of its versions, which count up from 0."""

    number: int
    version: int = 0

    @property
    def text(self) -> str:
        return f"question {self.number}" + (f" version {self.version}" if self.version else "")

    @property
    def label(self) -> str:
        """How an answer names it."""
        return f"<{self.number}.{self.version}>"


def find_questions(text: str) -> Iterator[Asked]:
    """The questions that a text asks."""
    for number, version in _QUESTION.findall(text):
        yield Asked(int(number), int(version or 0))


def edited_text(text: str) -> str:
    """The text of the question's next version."""
    (asked,) = find_questions(text)
    return text.replace(asked.text, asked._replace(version=asked.version + 1).text)


class Questions:
    """What people have asked in a workspace, and what the bot knows of it."""

    def __init__(self, workspace: Workspace, people: Sequence[Person]) -> None:
        self._workspace = workspace
        self._people = {person.id for person in people}

    @property
    def asked(self) -> list[PostedMessage]:
        """Also the deleted ones."""
        messages = self._workspace.messages.values()
        return [each for each in messages if each.user in self._people]

    @property
    def roots(self) -> list[PostedMessage]:
        """Those that start a thread."""
        return [each for each in self.asked if each.thread_ts is None]

    @property
    def acknowledged(self) -> Mapping[Place, int]:
        """The newest version of each question that the bot has acknowledged, and that is there."""
        known: dict[Place, int] = defaultdict(int)
        for delivery in self._workspace.deliveries:
            message = self._message(delivery)
            if delivery.acknowledged and message is not None:
                place = delivery.event["channel"], message["ts"]
                for asked in find_questions(message.get("text", "")):
                    known[place] = max(known[place], asked.version)
        messages = self._workspace.messages
        return {place: version for place, version in known.items() if not messages[place].deleted}

    @property
    def deleted(self) -> set[Place]:
        """The questions of whose deletion the bot knows."""
        events = [each.event for each in self._workspace.deliveries if each.acknowledged]
        return {(each["channel"], ts) for each in events if (ts := _deleted_ts(each))}

    def concerns(self, delivery: Delivery) -> bool:
        """Whether a delivery is about a question."""
        event = delivery.event
        about = self._message(delivery) or event.get("previous_message") or {}
        return about.get("user") in self._people

    def _message(self, delivery: Delivery) -> Json | None:
        """The question as a delivery shows it; None for anything else."""
        event = delivery.event
        message: Json = event.get("message") or event
        return message if message.get("user") in self._people else None


def _deleted_ts(event: Json) -> str:
    """A message that others have answered becomes a tombstone."""
    message = event.get("message", {})
    tombstone = message.get("ts", "") if message.get("subtype") == "tombstone" else ""
    return str(event.get("deleted_ts") or tombstone)
