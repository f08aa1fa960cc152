-- The first tables. Ids are text (base/text.h): 48 bits of time and 80 random
-- bits, so new rows land at the right end. Keys are (tenant_id, id): an object is
-- found through its tenant only. Times are seconds since 1970, UTC.

CREATE TABLE tenant (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO tenant VALUES ('system', 'System', unixepoch());

CREATE TABLE account (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	role INTEGER NOT NULL,
	enabled INTEGER NOT NULL,
	password TEXT NOT NULL,
	password_set_at INTEGER NOT NULL,
	totp BLOB,
	totp_step INTEGER NOT NULL DEFAULT 0,
	epoch INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	last_sign_in_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
-- one name space for signing in, whatever the tenant and the case
CREATE UNIQUE INDEX account_name ON account (lower(name));

CREATE TABLE session (
	tenant_id TEXT NOT NULL,
	hash BLOB NOT NULL PRIMARY KEY,
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	epoch INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	source TEXT NOT NULL,
	agent TEXT NOT NULL,
	half INTEGER NOT NULL,
	FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (tenant_id, account_id);

CREATE TABLE token (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	id TEXT NOT NULL,
	hash BLOB NOT NULL UNIQUE,
	account_id TEXT,
	epoch INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at INTEGER NOT NULL DEFAULT 0,
	revoked INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
	name TEXT NOT NULL,
	source TEXT NOT NULL,
	failures INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	locked_until INTEGER NOT NULL,
	PRIMARY KEY (name, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	name TEXT NOT NULL,
	value ANY NOT NULL,
	PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	country TEXT, state TEXT, locality TEXT, organization TEXT, unit TEXT,
	common_name TEXT, email TEXT,
	names TEXT,
	digest TEXT,
	active_id TEXT,
	previous_id TEXT,
	generation INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name),
	FOREIGN KEY (tenant_id, active_id) REFERENCES certificate (tenant_id, id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (tenant_id, previous_id) REFERENCES certificate (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- Wrapped keys. blob is NULL once the key was destroyed.
CREATE TABLE key (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	identity_id TEXT NOT NULL,
	generation INTEGER NOT NULL,
	type TEXT NOT NULL,
	origin TEXT NOT NULL,
	bits INTEGER NOT NULL,
	exportable INTEGER NOT NULL,
	state INTEGER NOT NULL,
	blob BLOB,
	spki BLOB NOT NULL,
	spki_sha256 BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	destroyed_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, spki_sha256),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_identity ON key (tenant_id, identity_id, generation);

-- CSRs once made: only their state changes.
CREATE TABLE request (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	number INTEGER NOT NULL,
	identity_id TEXT NOT NULL,
	key_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('pending', 'issued', 'withdrawn')),
	der BLOB NOT NULL,
	sha256 BLOB NOT NULL,
	spki_sha256 BLOB NOT NULL,
	subject TEXT NOT NULL,
	names TEXT NOT NULL,
	digest TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id),
	FOREIGN KEY (tenant_id, key_id) REFERENCES key (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_identity ON request (tenant_id, identity_id, id);
CREATE INDEX request_key ON request (tenant_id, key_id, id);

CREATE TABLE certificate (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	identity_id TEXT NOT NULL,
	key_id TEXT NOT NULL,
	request_id TEXT,
	der BLOB NOT NULL,
	chain BLOB NOT NULL,
	sha256 BLOB NOT NULL,
	spki_sha256 BLOB NOT NULL,
	serial TEXT NOT NULL,
	subject TEXT NOT NULL,
	issuer TEXT NOT NULL,
	common_name TEXT,
	names TEXT NOT NULL,
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	origin TEXT NOT NULL,
	sheet TEXT,
	verdict TEXT,
	override_reason TEXT,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, sha256),
	UNIQUE (tenant_id, issuer, serial),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id),
	FOREIGN KEY (tenant_id, key_id) REFERENCES key (tenant_id, id),
	FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_identity ON certificate (tenant_id, identity_id, id);

-- What was served, and why: install, rollback, start.
CREATE TABLE install (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	identity_id TEXT NOT NULL,
	certificate_id TEXT NOT NULL,
	act TEXT NOT NULL,
	actor TEXT NOT NULL,
	reason TEXT,
	at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id),
	FOREIGN KEY (tenant_id, certificate_id) REFERENCES certificate (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX install_identity ON install (tenant_id, identity_id, id);

CREATE TABLE trust (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	id TEXT NOT NULL,
	der BLOB NOT NULL,
	sha256 BLOB NOT NULL,
	subject TEXT NOT NULL,
	issuer TEXT NOT NULL,
	serial TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('root', 'intermediate')),
	origin TEXT NOT NULL,
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, sha256)
) STRICT, WITHOUT ROWID;

-- The hash chain (base/audit_chain.h). sequence has no gaps.
CREATE TABLE audit (
	sequence INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	tenant TEXT NOT NULL,
	actor TEXT NOT NULL,
	role TEXT NOT NULL,
	source TEXT NOT NULL,
	action TEXT NOT NULL,
	object TEXT NOT NULL,
	outcome TEXT NOT NULL,
	detail TEXT NOT NULL,
	hash BLOB NOT NULL
) STRICT;

CREATE TABLE idempotency (
	actor TEXT NOT NULL,
	key TEXT NOT NULL,
	request_hash BLOB NOT NULL,
	status INTEGER NOT NULL,
	body TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
