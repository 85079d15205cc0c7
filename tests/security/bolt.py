"""A Bolt app that handles nothing: for tests of what happens before."""

from slack_bolt.async_app import AsyncApp


def bolt_app() -> AsyncApp:
    return AsyncApp(token="xoxb-1", signing_secret="shh", request_verification_enabled=True)
