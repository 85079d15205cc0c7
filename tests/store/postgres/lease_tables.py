"""The tables that leases need, in a new database."""

from psycopg import connect

from slackbot.conversation.ids import TeamId
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres.store import ADMIT, DISMISS

TABLES = """
CREATE TABLE leases (
  team_id text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C",
  epoch bigint NOT NULL DEFAULT 0,
  expires_at timestamptz,
  UNIQUE (team_id, epoch)
);
CREATE TABLE replicas (id text COLLATE "C" PRIMARY KEY, expires_at timestamptz NOT NULL);
"""


def lease_database(server: PostgresServer) -> str:
    """Returns the address of a new database with the tables."""
    address = server.create_database()
    with connect(address) as connection:
        connection.execute(TABLES)
    return address


def admit(address: str, *teams: TeamId) -> None:
    """What the store does when somebody is to own a workspace."""
    with connect(address) as connection:
        for team in teams:
            connection.execute(ADMIT, [team])


def dismiss(address: str, *teams: TeamId) -> None:
    """What the store does when nobody owns a workspace any more."""
    with connect(address) as connection:
        for team in teams:
            connection.execute(DISMISS, [team])
