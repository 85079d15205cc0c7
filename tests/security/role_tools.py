"""Tools for people of different roles: `SLACKBOT_TOOLS=tests.security.role_tools`."""

from collections import Counter

from slackbot.tools import Caller, tool

runs: Counter[str] = Counter()
"""How often each tool has run."""


@tool(role="outsider")
def greet(caller: Caller) -> str:
    """For everybody."""
    runs["greet"] += 1
    return f"{caller.user} is here as {caller.role.name}"


@tool(role="guest")
def menu() -> str:
    """For guests."""
    runs["menu"] += 1
    return "soup"


@tool
def tickets(caller: Caller) -> str:
    """For members, as each tool that says nothing else."""
    runs["tickets"] += 1
    return f"{caller.user} reads SECRET-TICKET"


@tool(role="admin")
def salaries() -> str:
    """For admins."""
    runs["salaries"] += 1
    return "SECRET-SALARY"


@tool(requires_approval=True)
def sink(ship: str) -> str:
    """For members, once somebody approves."""
    runs["sink"] += 1
    return f"{ship} is gone"


@tool(role="owner", requires_approval=True)
def close_shop() -> str:
    """For owners, once somebody approves."""
    runs["close_shop"] += 1
    return "It is closed"
