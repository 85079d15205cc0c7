"""A workspace in a file, so that the next playground goes on where this one ended.

What is kept: the app with its tokens, people, channels, messages as they stand, files, titles and
home tabs. What passes by itself is not: modals, ephemeral messages, statuses, and what went over.
"""

import asyncio
import json
import os
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from slackbot.errors import ConfigError
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.playground.fake_slack.members import Channel, Person, Team
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.views import Views
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.wire import Json, RefusedError

OPTION = "--keep"
VERSION = 1

PAUSE = 1.0
"""Seconds between two writings at the least."""


@asynccontextmanager
async def kept(workspace: Workspace, file: Path) -> AsyncIterator[None]:
    """The file follows the workspace while the block runs, and holds all of it at the end.

    Raises ConfigError where it can't be written.
    """
    _write(file, workspace)
    task = asyncio.create_task(_follow(file, workspace))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        _write(file, workspace)


def restore(workspace: Workspace, file: Path) -> bool:
    """Makes a new workspace, which is served already, what the file says; false if there is no
    file yet. Raises ConfigError where it is no playground's.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as err:
        raise ConfigError(OPTION, f"{file} can't be read: see to its name.") from err
    try:
        value = json.loads(content)
        if value["version"] != VERSION:
            raise ConfigError(OPTION, f"{file} is another version's: choose another file.")
        _restore(workspace, value)
    except (ValueError, KeyError, TypeError, RefusedError) as err:
        raise ConfigError(OPTION, f"{file} is no playground's file: choose another.") from err
    return True


def snapshot(workspace: Workspace) -> Json:
    """All that is kept, as JSON."""
    return {
        "version": VERSION,
        "team": asdict(workspace.team),
        "bot": workspace.bot.id,
        "bot_token": workspace.bot_token,
        "app_token": workspace.app_token,
        "number": workspace.ids.number,
        "people": [asdict(person) for person in workspace.people.values()],
        "channels": [
            {**asdict(channel), "members": sorted(channel.members)}
            for channel in workspace.channels.values()
        ],
        "messages": [_message(message) for message in workspace.messages.values()],
        "files": [_file(file) for file in workspace.files if not file.deleted],
        "titles": [[*place, title] for place, title in workspace.titles.items()],
        "prompts": [[*place, prompts] for place, prompts in workspace.prompts.items()],
        "homes": workspace.views.homes,
    }


def _restore(workspace: Workspace, value: Mapping[str, Any]) -> None:
    people = {each["id"]: Person(**each) for each in value["people"]}
    workspace.team = Team(**value["team"])
    workspace.people = people
    workspace.bot = people[value["bot"]]
    workspace.app_id = workspace.bot.app_id
    workspace.bot_token, workspace.app_token = value["bot_token"], value["app_token"]
    workspace.ids.number = value["number"]
    workspace.channels = {
        each["id"]: Channel(**{**each, "members": set(each["members"])})
        for each in value["channels"]
    }
    files = workspace.files
    for each in value["files"]:
        shared = [workspace.channels[channel] for channel in each.pop("shared")]
        stored, owner = b64decode(each.pop("content")), people[each.pop("owner")]
        files.restore(StoredFile(owner=owner, content=stored, shared=shared, **each))
    for each in value["messages"]:
        content = new_version(each.pop("text"), each.pop("blocks"))
        author = people[each.pop("author")]
        found = [
            file if isinstance(file, dict) else files.json(files.find(file))
            for file in each.pop("files")
        ]
        workspace.add_message(PostedMessage(author=author, versions=[content], files=found, **each))
    workspace.titles = {(channel, ts): title for channel, ts, title in value["titles"]}
    workspace.prompts = {(channel, ts): prompts for channel, ts, prompts in value["prompts"]}
    workspace.views = Views(workspace.ids, workspace.bot)
    workspace.views.homes = value["homes"]


def _message(message: PostedMessage) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "author": message.author.id,
        "text": message.text,
        "blocks": list(message.blocks),
        "thread_ts": message.thread_ts,
        "subtype": message.subtype,
        "metadata": message.metadata,
        "files": [file if _is_gone(file) else file["id"] for file in message.files],
        "attachments": list(message.attachments),
        "edited": message.edited,
        "deleted": message.deleted,
        "reactions": message.reactions,
    }


def _file(file: StoredFile) -> Json:
    fields = {name: getattr(file, name) for name in ("id", "name", "mimetype", "title", "clip")}
    return {
        **fields,
        "owner": file.owner.id,
        "content": b64encode(file.content).decode(),
        "shared": [channel.id for channel in file.shared],
    }


def _is_gone(file: Mapping[str, Any]) -> bool:
    """A deleted file has left a tombstone in its message."""
    return file.get("mode") == "tombstone"


async def _follow(file: Path, workspace: Workspace) -> None:
    written = ""
    while True:
        await workspace.changes.wait()
        await asyncio.sleep(PAUSE)
        text = json.dumps(snapshot(workspace))
        if text != written:
            await asyncio.to_thread(_put, file, text)
            written = text


def _write(file: Path, workspace: Workspace) -> None:
    try:
        _put(file, json.dumps(snapshot(workspace)))
    except OSError as err:
        raise ConfigError(OPTION, f"{file} can't be written: choose another.") from err


def _put(file: Path, text: str) -> None:
    """Whole or not at all, and for nobody else to read: tokens are in it."""
    draft = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)
