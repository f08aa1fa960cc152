-- Lists of revoked certificates in parts (shards), and lists of changes (deltas).
-- shard: which part a certificate names; 0: the full list. changed: the number
-- that a list must have, at least, to say what became of it last.
ALTER TABLE authority ADD COLUMN shards INTEGER NOT NULL DEFAULT 1;
ALTER TABLE authority ADD COLUMN deltas INTEGER NOT NULL DEFAULT 0;
-- the most that it ever had: each is still served
ALTER TABLE ca ADD COLUMN shards INTEGER NOT NULL DEFAULT 1;
ALTER TABLE issued ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE issued ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE issued SET changed = 1 + coalesce((SELECT crl_number FROM ca
    WHERE ca.tenant_id = issued.tenant_id AND ca.id = issued.ca_id), 0) WHERE revoked_at > 0;
DROP INDEX issued_revoked;
CREATE INDEX issued_revoked ON issued (ca_id, shard, not_after, serial, revoked_at, reason)
    WHERE revoked_at > 0;
CREATE INDEX issued_changed ON issued (ca_id, changed) WHERE changed > 0;

-- Lists that were made, of late: changes are told of an older one that is still
-- good. der: of the last one before a key went elsewhere, to be given out.
CREATE TABLE crl_new (
	tenant_id TEXT NOT NULL,
	ca_id TEXT NOT NULL,
	shard INTEGER NOT NULL,
	number INTEGER NOT NULL,
	der BLOB,
	this_update INTEGER NOT NULL,
	next_update INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, ca_id, shard, number),
	FOREIGN KEY (tenant_id, ca_id) REFERENCES ca (tenant_id, id)
) STRICT;
INSERT INTO crl_new SELECT tenant_id, ca_id, 0, number, der, this_update, next_update FROM crl;
DROP TABLE crl;
ALTER TABLE crl_new RENAME TO crl;

-- Under which addresses the parts of a CA were named in certificates.
CREATE TABLE crl_address (
	tenant_id TEXT NOT NULL,
	ca_id TEXT NOT NULL,
	base TEXT NOT NULL,
	PRIMARY KEY (tenant_id, ca_id, base),
	FOREIGN KEY (tenant_id, ca_id) REFERENCES ca (tenant_id, id)
) STRICT, WITHOUT ROWID;
