"""The lines of `slackbot check` about the database."""

from collections import Counter
from collections.abc import AsyncIterator

from slackbot.cli.check_line import Caution
from slackbot.config import Settings
from slackbot.errors import StoreError
from slackbot.store import is_shared, open_store

SWALLOWED = (
    "notifications do not arrive, so each replica asks the database every second. If PgBouncer "
    "stands before the database, set SLACKBOT_LISTEN_URL to an address of the server itself"
)
UNREACHABLE_LISTEN_URL = (
    "SLACKBOT_LISTEN_URL leads to a server that can't be reached, or lets nobody in: each replica "
    "asks the database every second instead"
)


async def check_database(settings: Settings) -> AsyncIterator[str]:
    """A line for each part that works. Raises SlackbotError for one that does not.

    Opening a database brings its tables up to date.
    """
    store = await open_store(settings.database_url)
    try:
        await store.check()
    finally:
        await store.close()
    yield "can be read and written"
    if is_shared(settings.database_url):
        async for line in _postgres_lines(settings.database_url, settings.listen_url):
            yield line


async def _postgres_lines(address: str, listen_address: str | None) -> AsyncIterator[str]:
    from slackbot.store.postgres.migrations import migrations  # noqa: PLC0415 - an extra
    from slackbot.store.postgres.overview import open_overview  # noqa: PLC0415 - an extra

    async with open_overview(address) as reader:
        server, migration = await reader.versions()
        whose = "this version's" if migration in migrations() else "a newer version's"
        yield f"PostgreSQL {server}, with {whose} tables (migration {migration})"
        yield await _listening(listen_address, address)
        seen = await reader.read()
    if not seen.replicas:
        yield "no replica runs now"
        return
    owned = Counter(lease.owner for lease in seen.leases.values())
    kind = str if len(seen.leases) == seen.workspaces else Caution
    yield kind(
        f"replicas that run: {len(seen.replicas)}; "
        f"workspaces with an owner: {len(seen.leases)} of {seen.workspaces}"
    )
    for replica in sorted({*seen.replicas, *owned}):
        died = "" if replica in seen.replicas else ", and does not run any more"
        yield f"replica {replica} owns {owned[replica]}{died}"


async def _listening(listen_address: str | None, address: str) -> str:
    from slackbot.store.postgres.notifications import notifications_arrive  # noqa: PLC0415 - an extra

    try:
        arrive = await notifications_arrive(listen_address or address, address)
    except StoreError:
        if listen_address is None:
            raise
        return Caution(UNREACHABLE_LISTEN_URL)
    return "notifications arrive" if arrive else Caution(SWALLOWED)
