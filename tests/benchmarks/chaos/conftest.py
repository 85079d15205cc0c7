"""A workspace with an app, as in the playground's tests."""

from tests.playground.conftest import ann, app, channel, session, workspace

__all__ = ["ann", "app", "channel", "session", "workspace"]
