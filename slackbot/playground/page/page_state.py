"""What the page shows, as flat JSON with a key for each object, so that an update is small.

person/U1  channel/C1  message/C1/1700000000.000100  status/C1/…  session/C1/…  modal/U1  home/U1
network  bot  replicas
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from slackbot.playground.bot_process import BotProcess, BotState
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.json_types import Json
from slackbot.playground.page.block_html import with_html
from slackbot.playground.page.mrkdwn_html import mrkdwn_to_html
from slackbot.playground.page.typed_markup import to_typed
from slackbot.playground.playground import Playground
from slackbot.playground.replicas import Replicas

BEST_STATE_FIRST: Sequence[BotState] = ("running", "starting", "stopped")

PageState = Mapping[str, str]
"""JSON text by key."""


class PageRenderer:
    """Renders the page's state; messages that have not changed come from a cache."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._workspace = playground.workspace
        self._messages: dict[str, tuple[Any, str]] = {}

    def state(self) -> PageState:
        return dict(self._entries())

    def _entries(self) -> Iterator[tuple[str, str]]:
        workspace = self._workspace
        for key, value in self._general_entries():
            yield key, json.dumps(value)
        for person in workspace.people.values():
            yield f"person/{person.id}", json.dumps(_person(person))
        for channel in workspace.channels.values():
            members = sorted(channel.members)
            yield f"channel/{channel.id}", json.dumps({**asdict(channel), "members": members})
        for message in workspace.messages.values():
            if workspace.is_visible(message):
                yield f"message/{message.channel}/{message.ts}", self._message(message)
        for shown in workspace.ephemerals:
            value = {**asdict(shown), **self._content(shown.text, shown.blocks)}
            yield f"ephemeral/{shown.channel}/{shown.ts}", json.dumps(value)
        for user, view in workspace.views.homes.items():
            yield f"home/{user}", json.dumps(with_html(view, self._name_of))
        for user, stack in workspace.views.modals.items():
            if stack:
                yield f"modal/{user}", json.dumps(with_html(stack, self._name_of))

    def _general_entries(self) -> Iterator[tuple[str, Any]]:
        playground, workspace = self._playground, self._workspace
        yield "team", {"name": workspace.team.name, "bot": workspace.bot.id}
        yield "commands", list(playground.commands)
        answers = playground.model
        yield (
            "model",
            {"kind": answers.kind, "title": answers.title, "detail": answers.detail},
        )
        states = [bot.state for bot in playground.bots]
        yield (
            "bot",
            {
                "state": min(states, key=BEST_STATE_FIRST.index),
                "connected": workspace.connections > 0,
                "starts": sum(bot.starts for bot in playground.bots),
            },
        )
        if playground.replicas is not None:
            yield "replicas", [_replica(bot, playground.replicas) for bot in playground.bots]
        yield "network", playground.network.json()
        yield (
            "traffic",
            [len(workspace.calls), len(workspace.deliveries), len(playground.recorder.exchanges)],
        )
        for (channel, ts), status in workspace.statuses.items():
            yield f"status/{channel}/{ts}", status
        for (channel, ts), status in workspace.sessions.items():
            yield f"session/{channel}/{ts}", status
        for (channel, ts), title in workspace.titles.items():
            yield f"title/{channel}/{ts}", title
        for (channel, ts), prompts in workspace.prompts.items():
            yield f"prompts/{channel}/{ts}", prompts

    def _message(self, message: PostedMessage) -> str:
        """Renders a message once for each of its versions."""
        replies = self._workspace.replies(message)
        latest = replies[-1].ts if replies else ""
        mark = (
            *(len(message.versions), len(message.attachments), len(message.files)),
            *(message.deleted, str(message.edited), str(message.reactions), len(replies), latest),
            str(message.tasks),
        )
        key = f"{message.channel}/{message.ts}"
        known = self._messages.get(key)
        if known is None or known[0] != mark:
            known = (mark, json.dumps(self._message_value(message, replies)))
            self._messages[key] = known
        return known[1]

    def _message_value(self, message: PostedMessage, replies: list[PostedMessage]) -> Json:
        value: Json = {
            "channel": message.channel,
            "ts": message.ts,
            "user": message.user,
            "thread_ts": message.thread_ts,
            "subtype": message.subtype,
            "edited": message.edited is not None,
            "reactions": message.reactions,
            "deleted": message.deleted,
            "replies": len(replies),
            "repliers": list(dict.fromkeys(reply.user for reply in replies)),
            "latest": replies[-1].ts if replies else None,
        }
        if message.deleted:
            return value
        value |= self._content(message.text, message.blocks)
        value["tasks"] = [*message.tasks.values()]
        value["files"] = [
            {name: file.get(name) for name in ("id", "name", "title", "mimetype", "size")}
            for file in message.files
        ]
        value["attachments"] = [
            {name: each.get(name) for name in ("title", "title_link", "text")}
            for each in message.attachments
        ]
        if not message.bot_id:
            names = {each.id: each.name for each in self._workspace.people.values()}
            value["typed"] = to_typed(message.text, names)
        return value

    def _content(self, text: str, blocks: Any) -> Json:
        if blocks:
            return {"text": text, "blocks": with_html(list(blocks), self._name_of)}
        return {"text": text, "blocks": [], "html": mrkdwn_to_html(text, self._name_of)}

    def _name_of(self, id_: str) -> str | None:
        named = self._workspace.people.get(id_) or self._workspace.channels.get(id_)
        return None if named is None else named.name


def _replica(bot: BotProcess, replicas: Replicas) -> Json:
    return {
        "state": bot.state,
        "paused": bot.paused,
        "starts": bot.starts,
        "lease_ends_at": replicas.lease_ends_at(bot),
    }


def _person(person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "role": role(person),
        "team_id": person.team_id,
    }


def role(person: Person) -> str:
    """Returns a person's role in the workspace."""
    if person.bot_id:
        return "app"
    if person.stranger:
        return "outsider"
    if person.restricted:
        return "guest"
    if person.owner:
        return "owner"
    return "admin" if person.admin else "member"
