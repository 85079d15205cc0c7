"""Events about the app's own installation: it was removed, or may work somewhere else.

https://docs.slack.dev/reference/events/app_uninstalled - the order of the two is not defined.
https://docs.slack.dev/reference/events/tokens_revoked
"""

from slackbot.playground.fake_slack import event_payloads
from slackbot.playground.fake_slack.delivery import Delivery
from slackbot.playground.fake_slack.event_feed import EventFeed
from slackbot.playground.fake_slack.installations import AppInstallation
from slackbot.playground.fake_slack.members import Organisation
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.json_types import Json


def uninstall(
    platform: PlatformRecords, installation: AppInstallation, error: str = "account_inactive"
) -> list[Delivery]:
    """Refuses all tokens with `error`, and sends app_uninstalled and tokens_revoked."""
    installation.error = error
    installation.is_uninstalled = True
    platform.changes.notify()
    return [
        _send_to(platform, installation, {"type": "app_uninstalled"}),
        send_tokens_revoked(platform, installation),
    ]


def send_tokens_revoked(platform: PlatformRecords, installation: AppInstallation) -> Delivery:
    """Tells the app that its tokens do not work any more."""
    tokens = {"oauth": [], "bot": [installation.bot_user]}
    return _send_to(platform, installation, {"type": "tokens_revoked", "tokens": tokens})


def send_organisation_event(
    platform: PlatformRecords, organisation: Organisation, event: Json
) -> Delivery:
    """Sends an event about a whole organisation: it names no workspace.

    https://docs.slack.dev/reference/events/team_access_granted
    """
    origin = {"team_id": None, "enterprise_id": organisation.enterprise_id}
    return _send(platform, platform.feed, origin, event)


def _send_to(platform: PlatformRecords, installation: AppInstallation, event: Json) -> Delivery:
    """Sends an event through the feed of its workspace, or through the platform's."""
    team, organisation = installation.team, installation.organisation
    if team is None and organisation is not None:
        return send_organisation_event(platform, organisation, event)
    (workspace,) = (each for each in platform.workspaces if each.team == team)
    origin = {
        "team_id": workspace.team.team_id,
        "enterprise_id": workspace.enterprise and workspace.enterprise["id"],
    }
    return _send(platform, workspace.feed, origin, event)


def _send(platform: PlatformRecords, feed: EventFeed, origin: Json, event: Json) -> Delivery:
    payload = event_payloads.about_installation(
        {**event, "event_ts": platform.ids.ts()},
        event_id=platform.ids.id("Ev"),
        app_id=platform.app.app_id,
        origin=origin,
    )
    return feed.send("events_api", payload)
