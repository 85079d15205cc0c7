"""Saves a workspace to a file, so that the next playground continues where this one ended.

Saved are the app and its tokens, people, channels, current messages, files, titles and home tabs.
Not saved is what passes by itself: modals, ephemeral messages, statuses, calls and deliveries.
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
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.playground.fake_slack.installations import AppInstallation
from slackbot.playground.fake_slack.members import Channel, Person, Team
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.views import Views
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.json_types import Json

OPTION = "--keep"
VERSION = 1

SAVE_INTERVAL_SECONDS = 1.0
"""The shortest time between two writes."""


@asynccontextmanager
async def autosave(workspace: Workspace, file: Path) -> AsyncIterator[None]:
    """Saves the workspace after each change while the block runs, and once more at the end.

    Raises ConfigError if the file can't be written.
    """
    _write(file, workspace)
    task = asyncio.create_task(_save_changes(file, workspace))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        _write(file, workspace)


def restore(workspace: Workspace, file: Path) -> bool:
    """Restores a new workspace from a file; returns False if there is no file yet.

    The workspace's server may run already. Raises ConfigError if the file is not a snapshot.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as err:
        raise ConfigError(OPTION, f"{file} can't be read: check its name.") from err
    try:
        value = json.loads(content)
        if value["version"] != VERSION:
            raise ConfigError(OPTION, f"{file} was saved by another version: choose another file.")
        _restore(workspace, value)
    except (ValueError, KeyError, TypeError, RefusedError) as err:
        raise ConfigError(OPTION, f"{file} is not a playground's file: choose another.") from err
    return True


def snapshot(workspace: Workspace) -> Json:
    """Returns everything that is saved, as JSON."""
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
        "messages": [_message_json(message) for message in workspace.messages.values()],
        "files": [_file_json(file) for file in workspace.files if not file.deleted],
        "titles": [[*place, title] for place, title in workspace.titles.items()],
        "prompts": [[*place, prompts] for place, prompts in workspace.prompts.items()],
        "homes": workspace.views.homes,
    }


def _restore(workspace: Workspace, value: Mapping[str, Any]) -> None:
    people = {each["id"]: Person(**each) for each in value["people"]}
    workspace.team = Team(**value["team"])
    workspace.people = people
    workspace.bot = people[value["bot"]]
    _restore_app(workspace, value)
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


def _restore_app(workspace: Workspace, value: Mapping[str, Any]) -> None:
    app, installations = workspace.platform.app, workspace.platform.installations
    app.app_id, app.app_token = workspace.bot.app_id, value["app_token"]
    installation = AppInstallation(
        workspace.bot.id, workspace.team, workspace.organisation, workspace.scopes
    )
    installations.add(installation, value["bot_token"])
    workspace.platform.begin(installation)


def _message_json(message: PostedMessage) -> Json:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "author": message.author.id,
        "text": message.text,
        "blocks": list(message.blocks),
        "thread_ts": message.thread_ts,
        "subtype": message.subtype,
        "metadata": message.metadata,
        "files": [file if _is_tombstone(file) else file["id"] for file in message.files],
        "attachments": list(message.attachments),
        "edited": message.edited,
        "deleted": message.deleted,
        "reactions": message.reactions,
    }


def _file_json(file: StoredFile) -> Json:
    fields = {name: getattr(file, name) for name in ("id", "name", "mimetype", "title", "clip")}
    return {
        **fields,
        "owner": file.owner.id,
        "content": b64encode(file.content).decode(),
        "shared": [channel.id for channel in file.shared],
    }


def _is_tombstone(file: Mapping[str, Any]) -> bool:
    """Whether this is what a deleted file leaves in its message."""
    return file.get("mode") == "tombstone"


async def _save_changes(file: Path, workspace: Workspace) -> None:
    written = ""
    while True:
        await workspace.changes.wait()
        await asyncio.sleep(SAVE_INTERVAL_SECONDS)
        text = json.dumps(snapshot(workspace))
        if text != written:
            await asyncio.to_thread(_replace_file, file, text)
            written = text


def _write(file: Path, workspace: Workspace) -> None:
    try:
        _replace_file(file, json.dumps(snapshot(workspace)))
    except OSError as err:
        raise ConfigError(OPTION, f"{file} can't be written: choose another.") from err


def _replace_file(file: Path, text: str) -> None:
    """Replaces the file in one step. Only its owner may read it, as it holds tokens."""
    draft = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)
