"""apps.*: the app's Socket Mode connections, and who may see its events."""

from slackbot.playground.fake_slack.call_arguments import CallArguments
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.platform_records import PlatformRecords
from slackbot.playground.json_types import Json


def open_connection(platform: PlatformRecords, _args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/apps.connections.open"""
    socket_origin = f"ws{platform.origin.removeprefix('http')}"
    return {"url": f"{socket_origin}/link/?ticket={platform.sockets.ticket()}"}


def list_authorizations(platform: PlatformRecords, args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/apps.event.authorizations.list - on one page."""
    authorizations = platform.authorizations.get(args.needed("event_context"))
    if authorizations is None:
        raise RefusedError("invalid_event_context")
    return {
        "authorizations": list(authorizations),
        "response_metadata": {"next_cursor": ""},
    }


def test(_platform: PlatformRecords, _args: CallArguments) -> Json:
    """https://docs.slack.dev/reference/methods/api.test"""
    return {}
