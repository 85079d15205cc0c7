"""A posted message, with all its versions."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from slackbot.playground.fake_slack.members import Person
from slackbot.playground.json_types import Json


@dataclass(frozen=True, slots=True)
class MessageVersion:
    """A version of a message, which was shown from `at` (monotonic seconds) until the next."""

    at: float
    text: str
    blocks: Sequence[Json] = ()

    @property
    def shown(self) -> str:
        """What a person sees: the texts of all blocks, or `text` if there are none."""
        if not self.blocks:
            return self.text
        return "\n".join(text for block in self.blocks for text in _texts(block))


@dataclass(slots=True, eq=False)
class PostedMessage:
    """A message in a channel; (channel id, ts) is unique in a workspace."""

    channel: str
    ts: str
    author: Person
    versions: list[MessageVersion]
    thread_ts: str | None = None
    subtype: str | None = None
    through: Person | None = None
    """The app whose token its author gave to the program that posted it."""
    metadata: Json | None = None
    files: Sequence[Json] = ()
    attachments: Sequence[Json] = ()
    username: str = ""
    """The name that an app gave the message, such as an incoming webhook's."""
    edited: Json | None = None
    """`user` and `ts` of the last edit that is marked "(edited)"."""
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The task cards of a native stream: id -> (title, status)."""
    streaming_state: str | None = None
    """Of a native stream, where that is shown: `in_progress` or `completed`."""
    deleted: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """Emoji name -> ids of the people who added it."""

    @property
    def user(self) -> str:
        return self.author.id

    @property
    def bot_id(self) -> str:
        return self.author.bot_id

    @property
    def text(self) -> str:
        return self.versions[-1].text

    @property
    def blocks(self) -> Sequence[Json]:
        return self.versions[-1].blocks

    @property
    def shown(self) -> str:
        return self.versions[-1].shown

    @property
    def starts_thread(self) -> bool:
        return self.thread_ts in (None, self.ts)


def new_version(text: str, blocks: Sequence[Json] = ()) -> MessageVersion:
    """Returns the version of a message from now on."""
    return MessageVersion(time.monotonic(), text, tuple(blocks))


def elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Yields (block, element) for each element with an `action_id`."""
    for block in blocks:
        candidates = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        for element in candidates:
            if element is not None and "action_id" in element:
                yield block, element


def _texts(block: Json) -> Iterator[str]:
    """Yields the texts that a block shows, in order, without the labels of buttons."""
    match block:
        case {"type": "actions" | "context_actions" | "input"}:
            return
        case {"type": "rich_text", "elements": [*parts]}:
            yield "\n".join("".join(_texts_within(part)) for part in parts)
        case _:
            for part in (block, *block.get("fields", ()), *block.get("elements", ())):
                if (text := _text(part)) is not None:
                    yield text


def _texts_within(part: Json) -> Iterator[str]:
    if (text := _text(part)) is not None:
        yield text
    for inner in part.get("elements", ()):
        yield from _texts_within(inner)


def _text(part: Json) -> str | None:
    """Returns the `text` of a block or element, as a string."""
    text: Any = part.get("text")
    if isinstance(text, dict):
        text = text.get("text")
    return text if isinstance(text, str) else None
