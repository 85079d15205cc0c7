"""The addresses at which Slack is reached: that of its Web API, and those that its answers name."""

from urllib.parse import urlsplit

SLACK_DOMAINS = ("slack.com", "slack-gov.com")


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
