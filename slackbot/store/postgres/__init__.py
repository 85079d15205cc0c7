"""The store in a PostgreSQL database, which any number of processes share; imported only when used.

The only place that imports psycopg and psycopg_pool.
"""

from slackbot.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
