-- works with programs from version 1 on; rows have version 5
--
-- The rows of the store. slackbot/store/postgres/layout.py says which key stands where.
--
-- The values are json, not jsonb: jsonb refuses the half of a surrogate pair and the character NUL,
-- both of which a model may write. Texts are compared by their bytes, as the keys of SQLite are.

CREATE TABLE counters (
    name text COLLATE "C" NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (name, team_id)
);

CREATE TABLE inbox (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    identity text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, number, identity),
    UNIQUE (team_id, channel_id, thread_ts, identity)
);

CREATE TABLE seen_events (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    identity text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, identity)
);

-- Every message that the bot knows: in which thread it stands, and to which turn it belongs.
CREATE TABLE messages (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    ts text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, ts)
);

CREATE TABLE waiting_messages (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    ts text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, ts)
);

CREATE TABLE regenerations (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, number)
);

CREATE TABLE conversations (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts)
);

CREATE TABLE turns (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, number)
);

CREATE TABLE lost_messages (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    ts text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, ts)
);

-- A draft, its rounds of tools, and the results of their calls; -1 where a row is none of these.
CREATE TABLE drafts (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    draft text COLLATE "C" NOT NULL,
    round integer NOT NULL,
    call integer NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, draft, round, call)
);

-- Revisions of the settings of a scope; '-' for a channel or thread that the scope leaves open.
CREATE TABLE instructions (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    thread_ts text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, thread_ts, number)
);

CREATE TABLE instruction_changes (
    team_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, number)
);

CREATE TABLE allowed_people (
    team_id text COLLATE "C" NOT NULL,
    channel_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, channel_id, user_id)
);

CREATE TABLE feedback (
    team_id text COLLATE "C" PRIMARY KEY,
    value json NOT NULL
);

CREATE TABLE requests (
    team_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    digest text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, at, digest)
);

CREATE TABLE tool_pins (
    team_id text COLLATE "C" NOT NULL,
    server text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (team_id, server)
);

CREATE TABLE rates (
    team_id text COLLATE "C" PRIMARY KEY,
    value json NOT NULL
);

CREATE TABLE unreadable_rows (
    set_aside_at text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (set_aside_at, key)
);

CREATE TABLE checks (
    id text COLLATE "C" PRIMARY KEY,
    value json NOT NULL
);

-- The right to answer in a workspace: see slackbot/workspaces/lease.py. The epoch is part of a
-- unique index, so that a take-over waits for the transactions that hold the row FOR KEY SHARE,
-- and a renewal does not: https://www.postgresql.org/docs/current/explicit-locking.html
CREATE TABLE leases (
    team_id text COLLATE "C" PRIMARY KEY,
    owner text COLLATE "C",
    epoch bigint NOT NULL DEFAULT 0,
    expires_at timestamptz,
    UNIQUE (team_id, epoch)
);

CREATE INDEX leases_of_owner ON leases (owner);

-- The team is the only one that a replica can answer in; null for one that serves all.
CREATE TABLE replicas (
    id text COLLATE "C" PRIMARY KEY,
    expires_at timestamptz NOT NULL,
    team_id text COLLATE "C"
);

-- Which database it was when a process opened it last: see slackbot/store/postgres/restored.py.
CREATE TABLE database_identity (
    identity text NOT NULL
);
