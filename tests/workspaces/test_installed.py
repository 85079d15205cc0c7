"""The workspaces that have installed the app, over the real store."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from slackbot.conversation.ids import TeamId
from slackbot.store import RecordStore, open_store
from slackbot.workspaces import installed as installed_workspaces
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces, StillRemovingError
from slackbot.workspaces.token_encryption import BotTokens, EncryptionError, TokenEncryption
from tests.config import ENCRYPTION_KEY, OTHER_ENCRYPTION_KEY
from tests.workspaces.samples import ENCRYPTION, installation, key

T1 = TeamId("T1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[RecordStore]:
    opened = await open_store(f"sqlite:///{tmp_path / 'slackbot.db'}")
    yield opened
    await opened.close()


@pytest.fixture
def installed(store: RecordStore) -> InstalledWorkspaces:
    return InstalledWorkspaces(store, ENCRYPTION)


async def token_of(installed: InstalledWorkspaces, team: TeamId = T1) -> str | None:
    access = await installed.access(team)
    return None if access is None else access.token


async def test_a_workspace_and_its_token(
    installed: InstalledWorkspaces, store: RecordStore
) -> None:
    """Each is reached by its own; who has not installed the app is not reached."""
    await installed.save(installation("T1"), BotTokens("xoxb-new"))
    await store.add_installation(installation("T2"))
    assert await token_of(installed) == "xoxb-new"
    assert await token_of(installed, TeamId("T2")) == "xoxb-T2"
    assert await token_of(installed, TeamId("T3")) is None


async def test_the_workspaces_of_an_organisation(
    installed: InstalledWorkspaces, store: RecordStore
) -> None:
    """They use its token, and lose it with it; each of them is known once it was seen."""
    assert not await installed.admit(key("T1", "E1"))
    await store.add_installation(installation("", "E1"))
    assert await installed.admit(key("T1", "E1"))
    assert await installed.admit(key("T1", "E1"))
    assert not await installed.admit(key("T2", "E2"))
    assert not await installed.admit(key("T3"))
    assert await token_of(installed) == "xoxb-E1"
    assert [each.key for each in await store.installations()] == [key("", "E1"), key("T1", "E1")]
    await store.replace_installation(installation("", "E1"), None)
    assert await token_of(installed) is None


async def test_a_workspace_with_a_token_of_its_own(
    installed: InstalledWorkspaces, store: RecordStore
) -> None:
    """It keeps it where its organisation has one as well."""
    await store.add_installation(installation("", "E1"))
    await store.add_installation(installation("T1", "E1"))
    assert await installed.admit(key("T1", "E1"))
    assert await token_of(installed) == "xoxb-T1"


async def test_what_is_being_removed_is_not_reached(
    installed: InstalledWorkspaces, store: RecordStore
) -> None:
    """Neither a workspace nor the workspaces of an organisation."""
    await store.add_installation(installation("T1", removing_since=1, sealed_tokens=""))
    await store.add_installation(installation("", "E1", removing_since=1, sealed_tokens=""))
    await store.add_installation(installation("T2", "E1", sealed_tokens=""))
    assert await token_of(installed) is None
    assert await token_of(installed, TeamId("T2")) is None
    assert not await installed.admit(key("T3", "E1"))


async def test_a_new_installation_waits_for_the_deletion(
    installed: InstalledWorkspaces, store: RecordStore
) -> None:
    """Nothing of it can be deleted with the last one; if that takes long, nothing is stored."""
    removing = installation("T1", removing_since=1, sealed_tokens="")
    await store.add_installation(removing)
    with pytest.raises(StillRemovingError):
        await installed.save(installation("T1"), BotTokens("xoxb-new"))
    assert await store.installations() == [removing]
    saving = asyncio.create_task(installed.save(installation("T1"), BotTokens("xoxb-new")))
    await store.replace_installation(removing, None)
    await saving
    assert await token_of(installed) == "xoxb-new"


class Between:
    """The real store, in which another process changes something after the first look at T1."""

    def __init__(self, store: RecordStore, change: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._change: Callable[[], Awaitable[object]] | None = change

    async def now(self) -> float:
        return await self._store.now()

    async def installations(self) -> Sequence[Installation]:
        return await self._store.installations()

    async def installation(self, key: InstallationKey) -> Installation | None:
        found, change = await self._store.installation(key), self._change
        if change is not None and key.team == T1:
            self._change = None
            await change()
        return found

    async def add_installation(self, installation: Installation) -> bool:
        return await self._store.add_installation(installation)

    async def replace_installation(self, old: Installation, new: Installation | None) -> bool:
        return await self._store.replace_installation(old, new)


async def test_a_deletion_that_begins_meanwhile(
    store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new installation is not stored in the place of the note that says so: the deletion would
    take what is new, and leave the workspace as one that has removed the app.
    """
    monkeypatch.setattr(installed_workspaces, "REMOVAL_PATIENCE_SECONDS", 0.3)
    old, removing = installation("T1"), installation("T1", removing_since=1, sealed_tokens="")
    await store.add_installation(old)
    between = Between(store, lambda: store.replace_installation(old, removing))
    with pytest.raises(StillRemovingError):
        await InstalledWorkspaces(between, ENCRYPTION).save(old, BotTokens("xoxb-new"))
    assert await store.installations() == [removing]


async def test_two_installations_in_the_same_instant(
    installed: InstalledWorkspaces, store: RecordStore
) -> None:
    """A workspace keeps the token of its own that it gets while its organisation's is noted there;
    of two of its own, the later one counts.
    """
    await store.add_installation(installation("", "E1"))
    own = installation("T1", "E1", app="A1")
    between = Between(store, lambda: installed.save(own, BotTokens("xoxb-own")))
    assert await InstalledWorkspaces(between, ENCRYPTION).admit(key("T1", "E1"))
    assert await token_of(installed) == "xoxb-own"
    stored = await store.installation(key("T1"))
    assert stored is not None
    assert await store.replace_installation(stored, None)
    between = Between(store, lambda: installed.save(own, BotTokens("xoxb-first")))
    await InstalledWorkspaces(between, ENCRYPTION).save(own, BotTokens("xoxb-second"))
    assert await token_of(installed) == "xoxb-second"


async def test_a_key_is_replaced(store: RecordStore, caplog: pytest.LogCaptureFixture) -> None:
    """Once everything is encrypted with the new key, the old one can go. A token that no key
    decrypts stays as it is, and the log names its workspace.
    """
    await store.add_installation(installation("T1"))
    await store.add_installation(installation("T2", "E1", sealed_tokens=""))
    await store.add_installation(installation("T3", sealed_tokens="gAAAAABdamaged"))
    keys = [OTHER_ENCRYPTION_KEY, ENCRYPTION_KEY]
    both = InstalledWorkspaces(store, TokenEncryption(Encryption(keys)))
    failed = await both.encrypt_with_first_key()
    assert [each.key for each in failed] == [key("T3")]
    errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert [each.split(" can't")[0] for each in errors] == ["The token of T3"]
    new = InstalledWorkspaces(store, TokenEncryption(Encryption(keys[:1])))
    assert await token_of(new) == "xoxb-T1"
    with pytest.raises(EncryptionError):
        await new.access(TeamId("T3"))
    with pytest.raises(EncryptionError):
        await InstalledWorkspaces(store, ENCRYPTION).access(T1)
