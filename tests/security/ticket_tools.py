"""Tools that look things up and change them, for attacks: `tests.security.ticket_tools`."""

from collections import Counter

from slackbot.tools import Caller, tool

runs: Counter[str] = Counter()
"""How often each tool has run."""

callers: list[str] = []
"""For whom `tickets` has worked, by their user IDs."""


@tool
def create_ticket(title: str) -> str:
    """Creates a ticket."""
    runs["create_ticket"] += 1
    return f"{title} is ticket {runs['create_ticket']}"


@tool(requires_approval=True, read_only=True)
def read_secret() -> str:
    """Reads what not everybody should see."""
    runs["read_secret"] += 1
    return "a secret"


@tool(read_only=True)
def tickets(caller: Caller) -> str:
    """Lists the tickets."""
    runs["tickets"] += 1
    callers.append(caller.user)
    return f"list {runs['tickets']}"
