"""Files: those that people share, and those that the app uploads."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from slackbot.playground.ids import Mint
from slackbot.playground.members import Person
from slackbot.playground.wire import Json, RefusedError


@dataclass(slots=True, eq=False)
class StoredFile:
    id: str
    name: str
    owner: Person
    mimetype: str
    content: bytes = b""
    title: str = ""


class Files:
    """All files of a workspace, by their ids. `base_url` is where they are downloaded."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self._files: dict[str, StoredFile] = {}
        self.base_url = ""

    def add(self, name: str, owner: Person, mimetype: str) -> StoredFile:
        file = StoredFile(self._mint.id("F"), name, owner, mimetype, title=name)
        self._files[file.id] = file
        return file

    def find(self, file_id: str) -> StoredFile:
        """Raises RefusedError."""
        if file_id not in self._files:
            raise RefusedError("file_not_found")
        return self._files[file_id]

    def __iter__(self) -> Iterator[StoredFile]:
        return iter(self._files.values())

    def upload_url(self, file: StoredFile) -> str:
        return f"{self.base_url}upload/{file.id}"

    def json(self, file: StoredFile) -> Json:
        """A file object: https://docs.slack.dev/reference/objects/file-object"""
        url = f"{self.base_url}files/{file.id}/{file.name}"
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
            "is_external": False,
            "file_access": "visible",
            "size": len(file.content),
            "url_private": url,
            "url_private_download": f"{url}?download",
        }
