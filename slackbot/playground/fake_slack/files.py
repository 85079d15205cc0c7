"""FileStore: those that people share, and those that the app uploads."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from slackbot.playground.fake_slack.ids import IdGenerator
from slackbot.playground.fake_slack.members import Channel, ChannelKind, Person
from slackbot.playground.wire import Json, RefusedError


@dataclass(slots=True, eq=False)
class StoredFile:
    id: str
    name: str
    owner: Person
    mimetype: str
    content: bytes = b""
    title: str = ""
    clip: bool = False
    """Recorded in Slack's composer."""
    shared: list[Channel] = field(default_factory=list)
    """Where, in the order in which it was."""
    deleted: bool = False
    locked: bool = False
    """Whoever downloads it sees Slack's login page."""
    said_size: int | None = None
    """What is said of its size, if that is not true."""
    failures: int = 0
    """How many downloads are still to fail."""
    moved_to: str = ""
    """An address that whoever downloads it is sent on to."""
    elsewhere: str = ""
    """The address of a file that another service keeps."""

    def shared_in(self, *kinds: ChannelKind) -> list[str]:
        """The ids of the channels of these kinds."""
        return [channel.id for channel in self.shared if channel.kind in kinds]


class FileStore:
    """All files of a workspace, by their ids. `base_url` is where they are downloaded."""

    def __init__(self, ids: IdGenerator) -> None:
        self._ids = ids
        self._files: dict[str, StoredFile] = {}
        self.base_url = ""

    def add(self, name: str, owner: Person, mimetype: str) -> StoredFile:
        file = StoredFile(self._ids.id("F"), name, owner, mimetype, title=name)
        self._files[file.id] = file
        return file

    def restore(self, file: StoredFile) -> None:
        """Puts on record what was stored before."""
        self._files[file.id] = file

    def find(self, file_id: str) -> StoredFile:
        """Raises RefusedError."""
        if file_id not in self._files:
            raise RefusedError("file_not_found")
        file = self._files[file_id]
        if file.deleted:
            raise RefusedError("file_deleted")
        return file

    def __iter__(self) -> Iterator[StoredFile]:
        return iter(self._files.values())

    def upload_url(self, file: StoredFile) -> str:
        return f"{self.base_url}upload/{file.id}"

    def json(self, file: StoredFile) -> Json:
        """A file object: https://docs.slack.dev/reference/objects/file-object"""
        url = f"{self.base_url}files/{file.id}/{quote(file.name)}"
        return {
            "id": file.id,
            "created": int(time.time()),
            "timestamp": int(time.time()),
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "filetype": file.name.rpartition(".")[2],
            "user": file.owner.id,
            "user_team": file.owner.team_id,
            "mode": "hosted",
            "is_external": bool(file.elsewhere),
            "file_access": "visible",
            "channels": file.shared_in("channel"),
            "groups": file.shared_in("group", "mpim"),
            "ims": file.shared_in("im"),
            "size": len(file.content) if file.said_size is None else file.said_size,
            "url_private": file.elsewhere or url,
            "url_private_download": file.elsewhere or f"{url}?download",
            **({"subtype": "slack_audio", "media_display_type": "audio"} if file.clip else {}),
        }

    def unseen_json(self, file: StoredFile) -> Json:
        """All that an event says of a file from another organisation.

        https://docs.slack.dev/apis/slack-connect/#files
        """
        return {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}

    def tombstone_json(self, file: StoredFile) -> Json:
        """What stands in a message in the place of a deleted file."""
        return {"id": file.id, "mode": "tombstone"}
