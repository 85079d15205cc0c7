"""Takes in what Slack delivers about one workspace, where the bot has the token of that one alone.

Slack sends what people do with the app in every workspace that has it. Where the bot serves all of
them, `router` finds the right one.
"""

import logging
from collections.abc import Mapping
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from slackbot.conversation.ids import TeamId
from slackbot.slack import texts
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.json_fields import object_in, text_in
from slackbot.slack.payload_workspaces import is_team

logger = logging.getLogger(__name__)

MAX_FOREIGN_WORKSPACES = 100
"""How many workspaces are named in the log because their events are ignored."""


class OwnWorkspace:
    """Acknowledges everything else, or Slack would send it again."""

    def __init__(self, team: TeamId, dispatcher: Dispatcher) -> None:
        self._team = team
        self._dispatcher = dispatcher
        self._foreign: set[str] = set()
        """The workspaces and organisations whose events were ignored."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        if is_about(req.body, self._team):
            return await self._dispatcher.async_dispatch(req)
        self._log_foreign(req.body)
        return BoltResponse(status=200, body=texts.OTHER_WORKSPACE if "command" in req.body else "")

    def _log_foreign(self, body: Mapping[str, Any]) -> None:
        """Says once which workspace's events are ignored, and what to do about it."""
        team = text_in(body, "team_id") or text_in(object_in(body, "team"), "id")
        whose = team or text_in(body, "enterprise_id") or "no workspace"
        if whose not in self._foreign and len(self._foreign) < MAX_FOREIGN_WORKSPACES:
            self._foreign.add(whose)
            logger.warning(
                "Events of %.20r are ignored: SLACK_BOT_TOKEN is for the workspace %s. If people "
                "expect answers there, install the app to that workspace and run a bot with its "
                "token.",
                whose,
                self._team,
            )


def is_about(body: Mapping[str, Any], team: TeamId) -> bool:
    """Whether something happened in a workspace, or in a channel that it shares with another.

    An ID of a person or a channel may mean another one elsewhere. A press under a message is
    checked later: it counts for messages of the bot's own user alone.

    https://docs.slack.dev/apis/events-api#authorizations
    https://docs.slack.dev/reference/views - app_installed_team_id, which may be an organisation's
    """
    if "command" in body:
        return bool(body.get("team_id") == team)
    if "view" in body:
        opened_by = text_in(object_in(body, "view"), "app_installed_team_id")
        acting_in = text_in(object_in(body, "team"), "id")
        return (opened_by if is_team(opened_by) else acting_in) in ("", team)
    if "event" not in body:
        return True
    authorizations = body.get("authorizations")
    teams = [body.get("team_id"), body.get("context_team_id")]
    if isinstance(authorizations, list):
        teams += [each.get("team_id") for each in authorizations if isinstance(each, dict)]
    return team in teams
