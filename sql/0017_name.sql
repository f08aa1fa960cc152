-- A name that a Super Admin gave to a tenant: it and all below it. The names
-- under the base domain (setting "names.base") are each tenant's by itself.
CREATE TABLE name (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	name TEXT NOT NULL UNIQUE,
	added_by TEXT NOT NULL,
	added_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;
-- Whose is an identity that a listener presents?
CREATE INDEX identity_id ON identity (id);
