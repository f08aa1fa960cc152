-- A name that a tenant says is its own. Several may say so; who proves it first
-- has it, until the proof is too old (x509/dated.c). By DNS it is the name and all
-- below it, by a file over HTTP that name alone.
CREATE TABLE name_claim (
	tenant_id TEXT NOT NULL REFERENCES tenant (id),
	name TEXT NOT NULL,
	token TEXT NOT NULL,
	claimed_by TEXT NOT NULL,
	claimed_at INTEGER NOT NULL,
	method TEXT CHECK (method IN ('dns', 'http')),
	proved_at INTEGER,
	PRIMARY KEY (tenant_id, name),
	CHECK ((method IS NULL) = (proved_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX name_claim_name ON name_claim (name);
