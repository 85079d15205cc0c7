"""Attacks by many files that take long to read: they delay their sender, and nobody else."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from slackbot.attachments.extraction.sandbox import ExtractionSandbox
from slackbot.attachments.media_parts import AudioContent, TextContent, UnreadFile
from slackbot.attachments.service import MAX_TURN_SECONDS, Attachments, PreparedAttachments
from slackbot.attachments.transcripts import Transcripts
from slackbot.conversation.history import Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.client import web_client
from slackbot.slack.events import attachment_from
from slackbot.slack.file_downloads import SlackFiles
from tests import sample_files

HOSTILE_FILES = 10

HOSTILE = sample_files.hour_long_mp3()
"""Reading it takes longer than a reader may take in these tests."""

ENDLESS = (sys.executable, "-I", "-c", "while True: pass")
"""A reader that never ends."""


SELECTIVE = (
    sys.executable,
    "-I",
    "-c",
    (
        "import sys; sys.stdin.buffer.readline(); content = sys.stdin.buffer.read()\n"
        "while content == b'hostile': pass\n"
        'print(\'{"kind": "text", "total_bytes": 5}\\n\' + content.decode(), end=\'\')'
    ),
)
"""A reader that never ends with hostile files."""


class Nobody:
    """Listens to no recording: none gets so far."""

    async def transcribe(self, audio: AudioContent) -> str:
        raise AssertionError(audio.name)


@dataclass
class Ground:
    workspace: Workspace
    files: SlackFiles
    ana: Person
    ben: Person
    general: Channel

    def attachments(
        self, sandbox: ExtractionSandbox, max_turn_seconds: float = MAX_TURN_SECONDS
    ) -> Attachments:
        return Attachments(
            self.files, sandbox, Transcripts(Nobody()), 100_000, max_turn_seconds=max_turn_seconds
        )

    async def share(self, person: Person, name: str, content: bytes) -> StoredFile:
        """A file in #general."""
        shared = self.workspace.share(person, name, content, "application/octet-stream")
        await self.workspace.say(person, self.general, "", files=[shared])
        return self.workspace.files.find(shared["id"])

    async def ask(
        self,
        attachments: Attachments,
        person: Person,
        files: Sequence[StoredFile],
        earlier: Sequence[StoredFile] = (),
    ) -> PreparedAttachments:
        """What the model gets of a question with these files, after a message with others."""
        return await attachments.prepare(
            ThreadKey(TeamId("T1"), ChannelId(self.general.id), Ts("1.0")),
            Conversation((self._turn(person, earlier), self._turn(person, files))),
            UserId(person.id),
            accepts_audio=True,
            remaining_tokens=50_000,
        )

    def _turn(self, person: Person, files: Sequence[StoredFile]) -> Turn:
        sent = tuple(attachment_from(self.workspace.files.json(each)) for each in files)
        return Turn((UserMessage("Ana", "and this?", user=UserId(person.id), files=sent),))

    @property
    def lookups(self) -> int:
        """How often Slack was asked about a file, which comes before each download."""
        return [call.method for call in self.workspace.calls].count("files.info")


async def name_of(_: UserId) -> str | None:
    return None


@pytest.fixture
async def ground() -> AsyncIterator[Ground]:
    async with (
        Workspace() as workspace,
        web_client(workspace.url, workspace.bot_token) as client,
    ):
        workspace.feed.connection_timeout = 0.0
        ana, ben = workspace.add_person("Ana"), workspace.add_person("Ben")
        general = workspace.add_channel("general", members=[ana, ben])
        yield Ground(workspace, SlackFiles(client, name_of), ana, ben, general)


async def test_ten_hostile_files(ground: Ground) -> None:
    """Ten files that each take the whole CPU limit don't delay another person's five bytes, and a
    later question does not read them again.
    """
    attachments = ground.attachments(ExtractionSandbox(cpu_seconds=1))
    hostile = [
        await ground.share(ground.ana, f"{number}.mp3", HOSTILE) for number in range(HOSTILE_FILES)
    ]
    note = await ground.share(ground.ben, "note.txt", b"hello")
    attack = asyncio.create_task(ground.ask(attachments, ground.ana, hostile))
    await ground.workspace.until(lambda: ground.lookups >= 2)
    answered = await ground.ask(attachments, ground.ben, [note])
    assert [*answered.media.values()] == [TextContent("note.txt", "hello", 5)]
    assert ground.lookups <= HOSTILE_FILES // 2
    refused = await attack
    assert refused.media == {}
    assert len(refused.notices) == HOSTILE_FILES
    assert set(refused.notices) == {
        f"“{each.name}” takes too much memory or time to read. Please send a part of it."
        for each in hostile
    }
    lookups = ground.lookups
    assert (await ground.ask(attachments, ground.ana, hostile)).notices == refused.notices
    assert ground.lookups == lookups


async def test_time_for_the_files_of_a_turn(ground: Ground) -> None:
    """When the time of a turn is over its readers are ended, and the person and the model are told
    which files were not read. A later question tries again.
    """
    attachments = ground.attachments(ExtractionSandbox(command=ENDLESS), max_turn_seconds=0.5)
    files = [await ground.share(ground.ana, f"{number}.txt", b"hello") for number in range(3)]
    late = await ground.ask(attachments, ground.ana, files)
    (notice,) = late.notices
    assert notice.startswith("I ran out of time before I could read “0.txt”, “1.txt”, “2.txt”.")
    told = UnreadFile("there was no time to read it, a later question may")
    assert [*late.media.values()] == [told] * 3
    lookups = ground.lookups
    await ground.ask(attachments, ground.ana, files)
    assert ground.lookups > lookups


async def test_files_of_the_question_come_first(ground: Ground) -> None:
    """Files of earlier messages that take all the time there is leave the question its own."""
    attachments = ground.attachments(ExtractionSandbox(command=SELECTIVE), max_turn_seconds=3)
    earlier = [await ground.share(ground.ben, f"{number}.txt", b"hostile") for number in range(3)]
    note = await ground.share(ground.ana, "note.txt", b"hello")
    prepared = await ground.ask(attachments, ground.ana, [note], earlier)
    assert prepared.media[note.id] == TextContent("note.txt", "hello", 5)
    assert prepared.notices == ()
