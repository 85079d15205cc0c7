"""The tables that leases need, in a new database."""

from psycopg import connect

from slackbot.conversation.ids import TeamId
from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer

TABLES = """
CREATE TABLE leases (
  team_id text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C",
  epoch bigint NOT NULL DEFAULT 0,
  expires_at timestamptz,
  UNIQUE (team_id, epoch)
);
CREATE TABLE counters (
  name text COLLATE "C" NOT NULL,
  team_id text COLLATE "C" NOT NULL,
  value json NOT NULL,
  PRIMARY KEY (name, team_id)
);
CREATE TABLE replicas (
  id text COLLATE "C" PRIMARY KEY,
  expires_at timestamptz NOT NULL,
  team_id text COLLATE "C"
);
"""


def lease_database(server: PostgresServer) -> str:
    """Returns the address of a new database with the tables."""
    address = server.create_database(EMPTY_TEMPLATE)
    with connect(address) as connection:
        connection.execute(TABLES)
    return address


def remove_workspace(address: str, team: TeamId) -> None:
    """Does with the lease what the deletion of a workspace does."""
    with connect(address) as connection:
        connection.execute("DELETE FROM leases WHERE team_id = %s", [team])
