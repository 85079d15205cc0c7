"""Passes what Slack delivers to the Bolt app of the workspace that it is for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.errors import SlackbotError
from slackbot.slack import texts
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.json_fields import text_in
from slackbot.slack.payload_workspaces import (
    Removal,
    added_workspaces_of,
    removals_of,
    shared_channel_of,
    workspaces_of_event,
    workspaces_of_interaction,
)
from slackbot.workspaces.installations import InstallationKey

logger = logging.getLogger(__name__)

MAX_UNKNOWN_WORKSPACES = 100
"""How many workspaces are named in the log because they have not installed the app."""

AppOf = Callable[[TeamId], Awaitable[Dispatcher | None]]
"""Returns a workspace's Bolt app; None if it has not installed the app. May raise SlackbotError."""


class Admission(Protocol):
    """`oauth.admission.OrganisationAdmission`."""

    async def admit(self, key: InstallationKey) -> bool: ...

    async def on_added(self, key: InstallationKey) -> None: ...


class ChannelSharing(Protocol):
    """`oauth.shared_channels.SharedChannels`."""

    async def teams(self, channel: ChannelId, asked_by: TeamId) -> Sequence[TeamId]: ...


class RemovalHandler(Protocol):
    async def on_removal(self, removal: Removal) -> None:
        """Returns once Slack need not report it again. May raise SlackbotError."""


class Router:
    """Takes the place of an AsyncApp where deliveries arrive."""

    def __init__(
        self,
        app_of: AppOf,
        admission: Admission,
        shared: ChannelSharing,
        removals: RemovalHandler,
    ) -> None:
        self._app_of = app_of
        self._shared = shared
        self._admission = admission
        self._removals = removals
        self._unknown: set[str] = set()

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answers 503 for what was not taken in, so that Slack sends it again.

        What is for no workspace that has the app is acknowledged, or Slack would send it again.
        """
        body = req.body
        if body.get("type") == "url_verification":
            return BoltResponse(status=200, body={"challenge": text_in(body, "challenge")})
        if "ssl_check" in body:
            return BoltResponse(status=200)
        try:
            if removals := removals_of(body):
                for removal in removals:
                    await self._removals.on_removal(removal)
                return BoltResponse(status=200)
            if added := added_workspaces_of(body):
                for key in added:
                    await self._admission.on_added(key)
                return BoltResponse(status=200)
            return await self._dispatch(req)
        except SlackbotError as err:
            return _not_taken_in(err)

    async def _dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        if "event" in req.body:
            return await self._dispatch_event(req)
        keys = workspaces_of_interaction(req.body)
        for key in keys:
            app = await self._app(key)
            if app is not None:
                return await app.async_dispatch(req)
        return self._not_installed(keys, req.body)

    async def _dispatch_event(self, req: AsyncBoltRequest) -> BoltResponse:
        """The workspaces that Slack names get it before Slack is asked for others there."""
        keys = list(workspaces_of_event(req.body))
        responses = await self._responses(keys, req)
        if channel := shared_channel_of(req.body):
            try:
                others = await self._others(channel, keys)
            except SlackbotError as err:
                responses.append(_not_taken_in(err))
            else:
                responses += await self._responses(others, req)
        if not responses:
            return self._not_installed(keys, req.body)
        return next((each for each in responses if each.status != 200), responses[0])  # noqa: PLR2004

    async def _others(
        self, channel: ChannelId, keys: Sequence[InstallationKey]
    ) -> Sequence[InstallationKey]:
        """The other workspaces of a channel, as far as one of these can see it.

        Raises SlackbotError if none that can see it can be asked.
        """
        known, error = {key.team for key in keys}, None
        for key in keys:
            try:
                teams = await self._shared.teams(channel, key.team)
            except SlackbotError as err:
                error = err
                continue
            if teams:
                return [InstallationKey(team) for team in dict.fromkeys(teams) if team not in known]
        if error is not None:
            raise error
        return ()

    async def _responses(
        self, keys: Iterable[InstallationKey], req: AsyncBoltRequest
    ) -> list[BoltResponse]:
        """Of those workspaces that have the app. None waits for another."""
        found = await asyncio.gather(*(self._response(key, req) for key in keys))
        return [each for each in found if each is not None]

    async def _response(self, key: InstallationKey, req: AsyncBoltRequest) -> BoltResponse | None:
        try:
            app = await self._app(key)
            return None if app is None else await app.async_dispatch(_copy(req))
        except SlackbotError as err:
            return _not_taken_in(err)

    async def _app(self, key: InstallationKey) -> Dispatcher | None:
        """Also of a workspace that is new in an organisation which has installed the app."""
        app = await self._app_of(key.team)
        if app is None and await self._admission.admit(key):
            app = await self._app_of(key.team)
        return app

    def _not_installed(
        self, keys: Sequence[InstallationKey], body: Mapping[str, Any]
    ) -> BoltResponse:
        """Says once which workspace's deliveries are ignored."""
        whose = ", ".join(key.team for key in keys) or "no workspace"
        if whose not in self._unknown and len(self._unknown) < MAX_UNKNOWN_WORKSPACES:
            self._unknown.add(whose)
            logger.warning(
                "Deliveries for %.60r are ignored: the app is not installed there any more", whose
            )
        return BoltResponse(status=200, body=texts.NOT_INSTALLED if "command" in body else "")


def _not_taken_in(err: SlackbotError) -> BoltResponse:
    logger.error(  # the sentence says it; there may be thousands of events
        "A delivery was not taken in: %s (%s)", err.user_message, err.detail
    )
    return BoltResponse(status=503)


def _copy(req: AsyncBoltRequest) -> AsyncBoltRequest:
    """The same request, without what an app has noted in its context."""
    body = req.raw_body if req.mode == "http" else req.body
    return AsyncBoltRequest(body=body, query=req.query, headers=req.headers, mode=req.mode)
