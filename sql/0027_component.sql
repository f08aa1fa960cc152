-- What a component presents is looked at: when next, what was found, and how often
-- in a row it was not what it should be. check_at 0: never by itself. One of the kind
-- 'pull' has no target and no identity: its host makes the key, and may ask this
-- authority for these names with a token, of which the hash is here.
CREATE TABLE component_new (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('files', 'haproxy', 'pull')),
	target TEXT UNIQUE,
	identity_id TEXT,
	address TEXT,
	sni TEXT,
	starttls TEXT,
	delivery TEXT NOT NULL CHECK (delivery IN ('none', 'pending', 'delivered', 'failed')),
	delivered_at INTEGER NOT NULL DEFAULT 0,
	sha256 BLOB,
	message TEXT,
	served TEXT CHECK (served IN ('same', 'other', 'unreachable')),
	checked_at INTEGER NOT NULL DEFAULT 0,
	check_note TEXT,
	check_at INTEGER NOT NULL DEFAULT 0,
	check_tries INTEGER NOT NULL DEFAULT 0,
	authority TEXT,
	profile TEXT,
	days INTEGER NOT NULL DEFAULT 0,
	names TEXT,
	token_hash BLOB UNIQUE,
	submission_id TEXT,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name),
	CHECK ((kind = 'pull') = (target IS NULL)),
	CHECK ((kind = 'pull') = (identity_id IS NULL)),
	CHECK (kind <> 'pull' OR (authority IS NOT NULL AND names IS NOT NULL AND token_hash IS NOT NULL)),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id)
) STRICT, WITHOUT ROWID;
-- Those that were delivered to before are looked at, one after another.
INSERT INTO component_new (tenant_id, id, name, kind, target, identity_id, address, sni, starttls,
	delivery, delivered_at, sha256, message, check_at, created_by, created_at)
	SELECT tenant_id, id, name, kind, target, identity_id, address, sni, starttls, delivery,
	delivered_at, sha256, message, address IS NOT NULL AND sha256 IS NOT NULL, created_by, created_at
	FROM component;
DROP TABLE component;
ALTER TABLE component_new RENAME TO component;
CREATE INDEX component_identity ON component (tenant_id, identity_id);
CREATE INDEX component_pending ON component (id) WHERE delivery = 'pending';
CREATE INDEX component_check ON component (check_at) WHERE check_at > 0;
-- What is out there: certificates that servers presented, or that stood in files. due: it
-- is still to be asked.
CREATE TABLE found (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	place TEXT NOT NULL,
	origin TEXT NOT NULL CHECK (origin IN ('server', 'file')),
	starttls TEXT,
	due INTEGER NOT NULL DEFAULT 0,
	message TEXT,
	sha256 BLOB,
	subject TEXT,
	issuer TEXT,
	names TEXT,
	not_before INTEGER NOT NULL DEFAULT 0,
	not_after INTEGER NOT NULL DEFAULT 0,
	seen_at INTEGER NOT NULL DEFAULT 0,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX found_due ON found (id) WHERE due = 1;
