"""The files that people share and that the app uploads."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.members import Channel, ChannelKind, Person
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.json_types import Json


@dataclass(slots=True, eq=False)
class StoredFile:
    id: str
    name: str
    owner: Person
    mimetype: str
    content: bytes = b""
    title: str = ""
    clip: bool = False
    """Whether it was recorded in Slack's composer."""
    shared: list[Channel] = field(default_factory=list)
    """The channels where it was shared, in order."""
    deleted: bool = False
    locked: bool = False
    """Whether a download answers with Slack's login page."""
    said_size: int | None = None
    """A wrong size to report instead of the real one."""
    failures: int = 0
    """How many further downloads fail."""
    moved_to: str = ""
    """A URL to which downloads are redirected."""
    elsewhere: str = ""
    """The URL of a file that another service hosts."""
    served_as: str = ""
    """The content type of its downloads, where that is not the file's own."""
    details: Json = field(default_factory=dict)
    """Fields of its file object in addition to the usual ones, or in place of them."""

    def shared_in(self, *kinds: ChannelKind) -> list[str]:
        """Returns the ids of the channels of these kinds."""
        return [channel.id for channel in self.shared if channel.kind in kinds]


class FileStore:
    """All files of a workspace, by id."""

    def __init__(self, platform: PlatformRecords) -> None:
        self._platform = platform
        self._files: dict[str, StoredFile] = {}
        self._uploads: dict[str, StoredFile] = {}
        """The files whose content may be sent, by the secret part of their upload URL."""

    def add(self, name: str, owner: Person, mimetype: str) -> StoredFile:
        file = StoredFile(self._platform.ids.id("F"), name, owner, mimetype, title=name)
        self._files[file.id] = file
        return file

    def restore(self, file: StoredFile) -> None:
        """Adds a file from a snapshot."""
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
        """Returns a URL that nobody can guess: who has it can write the file."""
        key = self._platform.ids.secret()
        self._uploads[key] = file
        return f"{self._platform.origin}/upload/{key}"

    def awaits_upload(self, key: str) -> bool:
        """Whether an upload URL ends with this key."""
        return key in self._uploads

    def find_upload(self, key: str) -> StoredFile:
        """Raises RefusedError."""
        if key not in self._uploads:
            raise RefusedError("file_not_found")
        return self._uploads[key]

    def json(self, file: StoredFile) -> Json:
        """Returns a file object: https://docs.slack.dev/reference/objects/file-object"""
        url = f"{self._platform.origin}/files/{file.id}/{quote(file.name)}"
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
            **file.details,
        }

    def unseen_json(self, file: StoredFile) -> Json:
        """Returns all that an event says about a file from another organisation.

        https://docs.slack.dev/apis/slack-connect/#files
        """
        return {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}

    def tombstone_json(self, file: StoredFile) -> Json:
        """Returns what replaces a deleted file in its message."""
        return {"id": file.id, "mode": "tombstone"}
