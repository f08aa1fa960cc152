-- A key that others have is replaced, step by step: by which of them, and what
-- cannot be seen from the other tables.
CREATE TABLE replacement (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	identity_id TEXT NOT NULL,
	old_key_id TEXT NOT NULL,
	new_key_id TEXT NOT NULL,
	note TEXT,
	told_by TEXT,				-- that other authorities were asked to revoke
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id),
	FOREIGN KEY (tenant_id, old_key_id) REFERENCES key (tenant_id, id),
	FOREIGN KEY (tenant_id, new_key_id) REFERENCES key (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX replacement_identity ON replacement (tenant_id, identity_id, id);

-- A request that keeps the key of a certificate says why: '' while nobody did,
-- NULL where the key is new. So does what was sent.
ALTER TABLE request ADD COLUMN key_note TEXT;
ALTER TABLE submission ADD COLUMN key_note TEXT;

-- What was paid for lasts longer than a certificate: order and its last day.
ALTER TABLE submission ADD COLUMN order_number TEXT;
ALTER TABLE submission ADD COLUMN order_until INTEGER NOT NULL DEFAULT 0;
