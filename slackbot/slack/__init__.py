"""Slack at the edge: what it delivers becomes events, what the bot says becomes calls and views.

Nothing outside of it imports slack_sdk or slack_bolt. It exports nothing here: the start imports
what asks Slack (`sign_in`) before the rest, which takes longer.
"""
