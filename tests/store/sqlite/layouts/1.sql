-- A database as the code of commit e093b32 wrote it (layout 1): a conversation with half an emoji and
-- a refusal; messages that wait.
PRAGMA journal_mode = WAL;
CREATE TABLE "store" (key TEXT PRIMARY KEY, value BLOB);
INSERT INTO store VALUES ('claim/T1/C1/1700000000.000100', CAST('{"v":1}' AS BLOB));
INSERT INTO store VALUES ('claim/T1/C1/1700000010.000100', CAST('{"v":1}' AS BLOB));
INSERT INTO store VALUES ('claim/T1/C1/1700000200.000100', CAST('{"v":1}' AS BLOB));
INSERT INTO store VALUES ('claim/T1/D2/1700000100.000100', CAST('{"v":1}' AS BLOB));
INSERT INTO store VALUES ('open/T1/C1/1700000200.000100', CAST('{"v":1,"message":{"thread":{"team":"T1","channel":"C1","ts":"1700000000.000100"},"ts":"1700000200.000100","user":"B7","markup":"<@UBOT> report","direct":false,"author":"bot"},"place":[]}' AS BLOB));
INSERT INTO store VALUES ('open/T1/D2/1700000100.000100', CAST('{"v":1,"message":{"thread":{"team":"T1","channel":"D2","ts":"1700000100.000100"},"ts":"1700000100.000100","user":"U3","markup":"count the files","direct":true,"author":"person"},"place":["1700000101.000100"]}' AS BLOB));
INSERT INTO store VALUES ('thread/T1/C1/1700000000.000100/header', CAST('{"v":1,"length":2,"start":0,"names":{"U1":"Ann","U2":"Ben"},"tokens_per_byte":0.3125}' AS BLOB));
INSERT INTO store VALUES ('thread/T1/C1/1700000000.000100/turn/00000000', x'7b2276223a312c2273616964223a5b7b226e616d65223a22416e6e222c2274657874223a226772c3bcc39f20476f7474227d5d2c22616e73776572223a7b2274657874223a2248616c6620616e20656d6f6a6920eda0bd222c22656e64696e67223a2273746f70222c227265667573616c223a66616c73657d7d');
INSERT INTO store VALUES ('thread/T1/C1/1700000000.000100/turn/00000001', CAST('{"v":1,"said":[{"name":"Ben","text":"and more?"}],"answer":{"text":"I won''t say more","ending":"content_filter","refusal":true}}' AS BLOB));
INSERT INTO store VALUES ('thread/T1/D2/1700000100.000100/header', CAST('{"v":1,"length":0,"start":0,"names":{},"tokens_per_byte":0.25}' AS BLOB));
