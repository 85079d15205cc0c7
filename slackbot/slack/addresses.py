"""The addresses at which Slack is reached: that of its Web API, and those that its answers name."""

import re
from urllib.parse import urlsplit

from yarl import URL

SLACK_DOMAINS = ("slack.com", "slack-gov.com")

_SLACK_HOST = re.compile(rf"([a-z0-9-]+\.)+({'|'.join(map(re.escape, SLACK_DOMAINS))})")


def slack_addresses(api_url: str) -> dict[str, str]:
    """An address of each kind, by the kind: "Web API", "socket" and "files".

    The socket and files have hosts of their own, such as wss-primary.slack.com.
    https://docs.slack.dev/apis/events-api/using-socket-mode
    """
    api = urlsplit(api_url)
    domain = next((each for each in SLACK_DOMAINS if api.hostname in {each, f"www.{each}"}), None)
    if domain is None:
        return {
            "Web API": api_url,
            "socket": f"{api.scheme.replace('http', 'ws')}://{api.netloc}/",
            "files": f"{api.scheme}://{api.netloc}/",
        }
    return {
        "Web API": api_url,
        "socket": f"wss://wss-primary.{domain}/",
        "files": f"https://files.{domain}/",
    }


def authorize_address(api_url: str) -> str:
    """The page of Slack's on which people agree to install an app, next to the Web API.

    https://docs.slack.dev/authentication/installing-with-oauth
    """
    return str(URL(api_url).origin() / "oauth/v2/authorize")


def app_address(api_url: str, app: str, team: str) -> str:
    """Opens the direct message with an app, in Slack's own program or in the browser.

    https://docs.slack.dev/interactivity/deep-linking
    """
    return str(URL(api_url).origin() / "app_redirect" % {"app": app, "team": team})


def file_address(named: object, own: URL) -> URL | None:
    """Where a file is sent to or fetched from; None if the host is neither Slack's nor our own
    Web API's.
    """
    try:
        url = URL(str(named))
        origin = url.origin()
    except ValueError:
        return None
    by_name = origin.is_default_port() and _SLACK_HOST.fullmatch(origin.host or "")
    return url if origin == own or (by_name and origin.scheme == "https") else None
