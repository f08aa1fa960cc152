-- Whom a tenant has told of what happens, and of what.
CREATE TABLE notify (
	tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant (id),
	addresses TEXT NOT NULL,
	webhook TEXT,
	webhook_ca TEXT,
	secret BLOB,
	parts TEXT NOT NULL,
	days TEXT NOT NULL,
	minutes INTEGER NOT NULL,
	since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A message on its way, the same each time that it is tried. The channel is
-- "mail:ADDRESS" or "webhook". ended_at 0: it has not arrived yet.
CREATE TABLE digest (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	id TEXT NOT NULL,
	channel TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	tries INTEGER NOT NULL DEFAULT 0,
	next_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0,
	failure TEXT,
	PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_due ON digest (next_at) WHERE ended_at = 0;

-- What a channel was told already, or is told by a digest on its way. gone_at:
-- since when it is not so any more; 0: it is still so.
CREATE TABLE told (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	channel TEXT NOT NULL,
	kind TEXT NOT NULL,
	object TEXT NOT NULL,
	threshold TEXT NOT NULL,
	digest TEXT NOT NULL,
	gone_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, channel, kind, object, threshold)
) STRICT, WITHOUT ROWID;
-- What was revoked since a moment.
CREATE INDEX issued_revoked_at ON issued (tenant_id, revoked_at) WHERE revoked_at > 0;
