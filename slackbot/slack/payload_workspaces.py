"""Which workspaces a payload of Slack's is for, where many have installed the app. Pure.

An installation is that of a workspace, or of an organisation for many workspaces; each workspace
has its own data either way. In a channel that organisations share, an event may happen in another
workspace than the one that has the app.

https://docs.slack.dev/apis/events-api#authorizations
https://docs.slack.dev/apis/slack-connect/using-slack-connect-with-apps
https://docs.slack.dev/enterprise/organization-ready-apps
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slackbot.conversation.ids import ChannelId, EnterpriseId, TeamId
from slackbot.slack.json_fields import Fields, object_in, objects_in, text_in, texts_in
from slackbot.workspaces.installations import InstallationKey

RemovalKind = Literal["app_uninstalled", "tokens_revoked", "team_access_revoked"]


@dataclass(frozen=True, slots=True)
class Removal:
    """Slack reports that an installation is gone, or a part of it."""

    kind: RemovalKind
    key: InstallationKey


def workspaces_of_event(payload: Mapping[str, Any]) -> Sequence[InstallationKey]:
    """The workspaces that an event concerns, each with its organisation, as far as Slack says.

    Slack sends an event once, and names one installation that may see it. In a shared channel it
    may be meant for another one: which workspaces there are, Slack has to be asked
    (`oauth/shared_channels.py`), and whether one has a part in it, its bot knows.
    """
    happened_in = [_context(payload), _key(payload, "team_id", "enterprise_id")]
    found = [*_authorized(payload)]
    if not found or shared_channel_of(payload):
        found += happened_in
    if not any(key.team for key in found):  # an organisation is named: in which workspace was it?
        whole = next((key.enterprise for key in found if key.enterprise), EnterpriseId(""))
        found = [
            InstallationKey(key.team, whole or key.enterprise) for key in happened_in if key.team
        ][:1]
    return _each_once(found)


def shared_channel_of(payload: Mapping[str, Any]) -> ChannelId:
    """The channel of an event, if several organisations share it; "" for any other event.

    A direct message is nobody else's.
    """
    event = object_in(payload, "event")
    channel = text_in(event, "channel") or text_in(object_in(event, "item"), "channel")
    is_direct = channel.startswith("D") or event.get("channel_type") == "im"
    is_shared = payload.get("is_ext_shared_channel") is True and not is_direct
    return ChannelId(channel if is_shared else "")


def workspaces_of_interaction(payload: Mapping[str, Any]) -> Sequence[InstallationKey]:
    """The workspaces that a command, a form, a menu or a button may belong to.

    It belongs to the first one that has installed the app.
    """
    if "command" in payload:
        return _each_once([_key(payload, "team_id", "enterprise_id")])
    view, team = object_in(payload, "view"), object_in(payload, "team")
    enterprise = text_in(object_in(payload, "enterprise"), "id") or text_in(team, "enterprise_id")
    opened_by = text_in(view, "app_installed_team_id")
    if is_team(opened_by):
        teams = [opened_by]  # wherever the person is who sends the form
    else:  # an organisation's ID says no more than that of the workspace
        named = (object_in(payload, "message"), "team"), (team, "id"), (view, "team_id")
        teams = [text_in(fields, name) for fields, name in named]
        teams.append(text_in(object_in(payload, "user"), "team_id"))
    own = text_in(team, "id")
    return _each_once(
        [
            InstallationKey(TeamId(each), EnterpriseId(enterprise if own in ("", each) else ""))
            for each in teams
        ]
    )


def removals_of(payload: Mapping[str, Any]) -> Sequence[Removal]:
    """What an event says about installations that are gone; nothing for any other payload.

    https://docs.slack.dev/reference/events/app_uninstalled, tokens_revoked, team_access_revoked
    """
    match _unwrapped(payload).get("type"):
        case "app_uninstalled" | "tokens_revoked" as kind:
            return [Removal(kind, _removed(payload))]
        case "team_access_revoked" as kind:
            return [Removal(kind, key) for key in _named_teams(payload)]
    return []


def added_workspaces_of(payload: Mapping[str, Any]) -> Sequence[InstallationKey]:
    """The workspaces to which an organisation has just added the app; nothing for any other
    payload.

    https://docs.slack.dev/reference/events/team_access_granted
    """
    is_about = _unwrapped(payload).get("type") == "team_access_granted"
    return _named_teams(payload) if is_about else ()


def _unwrapped(payload: Mapping[str, Any]) -> Fields:
    """The event. Slack's pages show those about an organisation's workspaces inside of a second
    wrapper, which has no type.
    """
    event = object_in(payload, "event")
    inner = object_in(event, "event")
    return inner if "team_ids" in inner else event


def _named_teams(payload: Mapping[str, Any]) -> Sequence[InstallationKey]:
    """The workspaces of an organisation that an event of its names."""
    wrapper = object_in(payload, "event")
    enterprise = text_in(wrapper, "enterprise_id") or _removed(payload).enterprise
    return [
        InstallationKey(TeamId(team), EnterpriseId(enterprise))
        for team in texts_in(_unwrapped(payload), "team_ids")
        if is_team(team)
    ]


def _removed(payload: Mapping[str, Any]) -> InstallationKey:
    """The installation that a payload names: one for a whole organisation has no workspace."""
    named = next(iter(objects_in(payload, "authorizations")), {})
    whole = payload.get("is_enterprise_install") is True or (
        named.get("is_enterprise_install") is True
    )
    key = _key(payload, "team_id", "enterprise_id")
    enterprise = key.enterprise or EnterpriseId(text_in(named, "enterprise_id"))
    return InstallationKey(TeamId("") if whole and enterprise else key.team, enterprise)


def _authorized(payload: Mapping[str, Any]) -> Iterator[InstallationKey]:
    """The installations that Slack names. One for an organisation counts for the workspace in which
    the event reached the app.
    """
    context = _context(payload)
    for each in objects_in(payload, "authorizations"):
        key = _key(each, "team_id", "enterprise_id")
        if each.get("is_enterprise_install") is True and context.team:
            key = InstallationKey(context.team, key.enterprise or context.enterprise)
        yield key


def _context(payload: Mapping[str, Any]) -> InstallationKey:
    """The workspace through which an event reached the app."""
    return _key(payload, "context_team_id", "context_enterprise_id")


def _key(fields: Fields, team: str, enterprise: str) -> InstallationKey:
    named, organisation = text_in(fields, team), text_in(fields, enterprise)
    if named.startswith("E"):  # of an organisation itself
        named, organisation = "", organisation or named
    return InstallationKey(TeamId(named), EnterpriseId(organisation))


def _each_once(keys: Sequence[InstallationKey]) -> Sequence[InstallationKey]:
    """The workspaces, each with the first organisation that is named for it."""
    found: dict[TeamId, EnterpriseId] = {}
    for key in keys:
        if is_team(key.team):
            found[key.team] = found.get(key.team) or key.enterprise
    return [InstallationKey(team, enterprise) for team, enterprise in found.items()]


def is_team(team: str) -> bool:
    """Whether it can be a workspace's ID: IDs of organisations begin with an E."""
    return team.isalnum() and team.isascii() and not team.startswith("E")
