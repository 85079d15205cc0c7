-- works with programs from version 1 on; rows have version 5
--
-- Who has installed the app; '-' for no organisation, or for all the workspaces of one.
CREATE TABLE installations (
    enterprise_id text COLLATE "C" NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (enterprise_id, team_id)
);
