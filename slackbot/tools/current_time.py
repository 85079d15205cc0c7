"""The tool that tells the date and time where a person is."""

from datetime import datetime, timedelta, timezone
from typing import Annotated, Protocol

from pydantic import Field

from slackbot.conversation.ids import UserId
from slackbot.conversation.roles import Role
from slackbot.errors import ReadLimitError, SlackError, ToolError
from slackbot.llm.tool_calls import Caller
from slackbot.tools import texts
from slackbot.tools.functions import FunctionTool, ToolOptions


class TimeZones(Protocol):
    async def zone(self, user: UserId) -> tuple[str, int] | None:
        """The name of a person's time zone, and its offset from UTC in seconds.

        None if Slack does not know it. Raises SlackError.
        """


def current_time_tool(time_zones: TimeZones) -> FunctionTool:
    async def current_time(
        caller: Caller,
        person: Annotated[
            str,
            Field(
                description="Name of a person in this conversation; empty for the person who asks."
            ),
        ] = "",
    ) -> str:
        """The date and the time now, where a person is."""
        user = _find_person(person, caller)
        try:
            zone = await time_zones.zone(user)
        except ReadLimitError as err:
            raise ToolError(texts.TOO_MANY_READS) from err
        except SlackError as err:
            raise ToolError(texts.SLACK_UNREACHABLE) from err
        name, offset = zone or ("UTC", 0)
        now = datetime.now(timezone(timedelta(seconds=offset)))
        return f"{now:%A, %Y-%m-%d %H:%M} in {name} (UTC{now:%z})"

    return FunctionTool(current_time, ToolOptions(role=Role.OUTSIDER, read_only=True))


def _find_person(name: str, caller: Caller) -> UserId:
    """The user id of a person in the conversation. Raises ToolError."""
    if not name:
        return caller.user
    wanted = name.removeprefix("@").casefold()
    for user, display_name in caller.people.items():
        if wanted in (display_name.casefold(), user.casefold()):
            return user
    people = ", ".join(sorted(caller.people.values()))
    raise ToolError(texts.UNKNOWN_PERSON.format(name=name, people=people))
