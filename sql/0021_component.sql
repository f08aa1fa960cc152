-- Servers that present an identity's certificate elsewhere. target names a place
-- of the host's list (certwright-targets(5)); each is one component's.
CREATE TABLE component (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('files', 'haproxy')),
	target TEXT NOT NULL UNIQUE,
	identity_id TEXT NOT NULL,
	address TEXT,
	sni TEXT,
	starttls TEXT,
	delivery TEXT NOT NULL CHECK (delivery IN ('none', 'pending', 'delivered', 'failed')),
	delivered_at INTEGER NOT NULL DEFAULT 0,
	sha256 BLOB,
	message TEXT,
	served TEXT CHECK (served IN ('same', 'other', 'unreachable')),
	checked_at INTEGER NOT NULL DEFAULT 0,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX component_identity ON component (tenant_id, identity_id);
CREATE INDEX component_pending ON component (id) WHERE delivery = 'pending';
-- For people: what the keeper goes by is in the key's wrapping.
ALTER TABLE key ADD COLUMN deliverable INTEGER NOT NULL DEFAULT 0;
