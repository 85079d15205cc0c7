"""Two tools of a team: copy this file next to your .env and set SLACKBOT_TOOLS=team_tools."""

from datetime import date
from typing import Annotated

from pydantic import Field

from slackbot.tools import Caller, ToolError, tool

VACATION = {"U012AB3CD": 12}
ON_CALL = {"payments": "Mia", "search": "Leo"}


@tool(read_only=True)
def days_off(caller: Caller) -> str:
    """How many days of vacation the person who asks has left this year."""
    days = VACATION.get(caller.user)
    if days is None:
        raise ToolError("The person who asks is not in the list of vacations.")
    return f"{days} days in {date.today().year}"  # noqa: DTZ011 - the year of the office


@tool(role="guest", read_only=True, time_limit=5)
async def on_call(
    service: Annotated[str, Field(description="A service's name, for example payments")],
) -> dict[str, str]:
    """Who is on call for a service today. Guests can ask that too."""
    if service not in ON_CALL:
        raise ToolError(f"There is no such service. There are: {', '.join(ON_CALL)}.")
    return {"service": service, "person": ON_CALL[service]}
