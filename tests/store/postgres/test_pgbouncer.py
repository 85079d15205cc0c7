"""The store works behind PgBouncer in transaction mode: a selection of its contract."""

import asyncio
from collections.abc import Iterator

import pytest

from slackbot.conversation.inbox_events import MessageReceived
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres import PostgresStore
from tests.store.postgres.bouncer import bouncer
from tests.store.test_contract import (
    HELLO,
    test_a_check_leaves_nothing_behind,
    test_a_closed_store_says_so,
    test_a_conversation_comes_back_as_it_was,
    test_a_draft_is_kept_until_its_turn_is_stored,
    test_a_search_of_many_pages,
    test_all_changes_have_an_order,
    test_everything_is_there_after_reopening,
    test_of_two_changes_at_once_one_counts,
    test_operations_happen_in_the_order_they_were_asked,
)
from tests.store.test_inbox import (
    test_an_event_is_appended_once,
    test_files_that_come_with_the_second_delivery,
    test_numbers_are_never_used_twice,
)

SELECTION = (
    test_a_check_leaves_nothing_behind,
    test_a_closed_store_says_so,
    test_a_conversation_comes_back_as_it_was,
    test_a_draft_is_kept_until_its_turn_is_stored,
    test_a_search_of_many_pages,
    test_all_changes_have_an_order,
    test_an_event_is_appended_once,
    test_everything_is_there_after_reopening,
    test_files_that_come_with_the_second_delivery,
    test_numbers_are_never_used_twice,
    test_of_two_changes_at_once_one_counts,
    test_operations_happen_in_the_order_they_were_asked,
)
"""They are collected here once more, with this module's addresses."""


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database, behind PgBouncer."""
    with bouncer(postgres.create_database()) as address:
        yield address


async def test_many_operations_share_few_connections(url: str) -> None:
    """Two replicas want more connections than PgBouncer opens; each event is there once."""
    stores = [await PostgresStore.open(url) for _ in range(2)]
    event = MessageReceived(HELLO)
    for store in stores:
        await store.check()
    appended = await asyncio.gather(
        *(store.append(event, opens=True) for store in stores for _ in range(20))
    )
    assert sorted(appended, reverse=True) == [True] + [False] * 39
    for store in stores:
        await store.close()
