"""How workspaces install the app, how their tokens are renewed, and how they remove it.

slack-bolt runs the installation and slack-sdk renews tokens; this package stores what comes of it.
"""
