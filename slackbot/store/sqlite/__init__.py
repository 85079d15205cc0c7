"""The store in a file of SQLite, for one process; the only place that imports sqlitedict, filelock.

Every operation runs on one thread, which repairs a file that is damaged.
"""

from slackbot.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
