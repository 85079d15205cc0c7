"""Everything that the rows of one table hold, by what it is about."""

import time
from collections.abc import Callable

from slackbot.conversation.ids import TeamId
from slackbot.store.archive import ConversationTable
from slackbot.store.drafts import DraftTable
from slackbot.store.events import EventTable
from slackbot.store.feedback import FeedbackTable
from slackbot.store.forgetting import DataDeletion
from slackbot.store.inbox import InboxTable
from slackbot.store.installations import InstallationTable
from slackbot.store.rates import RatesTable
from slackbot.store.removals import RemovalTable
from slackbot.store.requests import RequestTable
from slackbot.store.revisions import RevisionTable
from slackbot.store.table import Table
from slackbot.store.text_search import TextSearch
from slackbot.store.thread_deletion import ThreadDeletion
from slackbot.store.tool_pins import ToolPinTable
from slackbot.workspaces.installations import Installation


class Records:
    """Blocks, as its parts do."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since the epoch, the same for all processes of the database."""
        self.table = table
        self.clock = clock
        self.drafts = DraftTable(table)
        self.archive = ConversationTable(table, self.drafts)
        self.events = EventTable(table, self.archive)
        self.inbox = InboxTable(table, self.archive, self.drafts, self.events)
        self.revisions = RevisionTable(table, clock)
        self.requests = RequestTable(table, clock)
        self.rates = RatesTable(table)
        self.pins = ToolPinTable(table)
        self.feedback = FeedbackTable(table)
        self.installations = InstallationTable(table)
        self.search = TextSearch(table)
        deletion = ThreadDeletion(table, self.revisions)
        self.forgetting = DataDeletion(table, self.archive, deletion)
        self.removals = RemovalTable(table)

    def serves(self, team: TeamId) -> bool:
        """Whether anything may be written about a workspace: it has not removed the app."""
        return not self.removals.is_noted(team)

    def add_installation(self, installation: Installation) -> bool:
        """From now on the workspace is written about again, if it had removed the app."""
        is_new = self.installations.add(installation)
        if is_new and installation.key.team:
            self.removals.undo(installation.key.team)
        return is_new

    def begin_removal(self, team: TeamId) -> None:
        """From now on nothing is written about a workspace; the rest of it is to be deleted.

        Deletes what was learned of the services that it uses: Slack's limits, and tools.
        """
        self.removals.note(team)
        self.rates.forget(team)
        self.pins.forget(team)
