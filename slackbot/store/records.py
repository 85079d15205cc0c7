"""Everything that the rows of one table hold, by what it is about."""

import time

from slackbot.conversation.ids import TeamId
from slackbot.store.archive import ConversationTable
from slackbot.store.drafts import DraftTable
from slackbot.store.events import EventTable
from slackbot.store.feedback import FeedbackTable
from slackbot.store.forgetting import DataDeletion
from slackbot.store.inbox import InboxTable
from slackbot.store.installations import InstallationTable
from slackbot.store.rates import RatesTable
from slackbot.store.requests import RequestTable
from slackbot.store.revisions import RevisionTable
from slackbot.store.table import Table
from slackbot.store.text_search import TextSearch
from slackbot.store.thread_deletion import ThreadDeletion
from slackbot.store.tool_pins import ToolPinTable


class Records:
    """Blocks, as its parts do."""

    def __init__(self, table: Table, forgotten: set[TeamId]) -> None:
        """`forgotten` are the workspaces that removed the app while this process ran: nothing is
        learned of their services any more.
        """
        self.table = table
        self._forgotten = forgotten
        self.drafts = DraftTable(table)
        self.archive = ConversationTable(table, self.drafts)
        self.events = EventTable(table, self.archive)
        self.inbox = InboxTable(table, self.archive, self.drafts, self.events)
        self.revisions = RevisionTable(table, time.time)
        self.requests = RequestTable(table, time.time)
        self.rates = RatesTable(table, forgotten)
        self.pins = ToolPinTable(table, forgotten)
        self.feedback = FeedbackTable(table)
        self.installations = InstallationTable(table)
        self.search = TextSearch(table)
        deletion = ThreadDeletion(table, self.revisions)
        self.forgetting = DataDeletion(table, self.archive, deletion)

    def require_installed(self, team: TeamId) -> None:
        """Raises UninstalledError unless the workspace has the app, perhaps again."""
        self.installations.require(team)
        self._forgotten.discard(team)

    def forget_services(self, team: TeamId) -> None:
        """What was learned of the services that a workspace uses: Slack's limits, and tools."""
        self.rates.forget(team)
        self.pins.forget(team)
