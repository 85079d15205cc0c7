"""What the tests of the store ask of it in more than one step."""

from slackbot.conversation.messages import QueuedMessage
from slackbot.store.sqlite import SqliteStore


async def unanswered(store: SqliteStore) -> list[QueuedMessage]:
    """All messages that wait, thread by thread."""
    threads = await store.unanswered()
    return [each for thread in threads for each in (await store.waiting(thread)).messages]
