-- Certification authorities of our own: names that people use, the CA
-- certificates and keys behind them, and what these have issued.
CREATE TABLE authority (
	tenant_id TEXT NOT NULL,
	name TEXT NOT NULL,
	issuing_id TEXT,
	policy TEXT,
	policy_version INTEGER NOT NULL DEFAULT 0,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, name),
	FOREIGN KEY (tenant_id) REFERENCES tenant (id)
) STRICT, WITHOUT ROWID;

-- One CA certificate and its key. chain: issuers' DER, one after another, to the root.
CREATE TABLE ca (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	authority TEXT NOT NULL,
	role TEXT NOT NULL CHECK (role IN ('root', 'issuing')),
	state TEXT NOT NULL CHECK (state IN ('requested', 'active', 'offline', 'retired')),
	parent_id TEXT,
	number INTEGER NOT NULL,
	type TEXT NOT NULL,
	key_id TEXT NOT NULL,
	blob BLOB,
	spki BLOB NOT NULL,
	spki_sha256 BLOB NOT NULL,
	csr BLOB,
	der BLOB,
	chain BLOB,
	subject TEXT NOT NULL,
	serial TEXT,
	sha256 BLOB,
	not_before INTEGER NOT NULL DEFAULT 0,
	not_after INTEGER NOT NULL DEFAULT 0,
	crl_number INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, authority) REFERENCES authority (tenant_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX ca_authority ON ca (tenant_id, authority, id);
CREATE UNIQUE INDEX ca_key ON ca (key_id);

-- What was issued. presumed: signed perhaps, its record is the journal's; der
-- then is the TBSCertificate.
CREATE TABLE issued (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	ca_id TEXT NOT NULL,
	serial TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('issued', 'presumed', 'revoked', 'held')),
	submission_id TEXT,
	profile TEXT NOT NULL,
	der BLOB NOT NULL,
	sha256 BLOB NOT NULL,
	spki_sha256 BLOB NOT NULL,
	subject TEXT NOT NULL,
	name TEXT NOT NULL,
	names TEXT NOT NULL,
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	revoked_at INTEGER NOT NULL DEFAULT 0,
	reason INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, ca_id) REFERENCES ca (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issued_serial ON issued (ca_id, serial);
CREATE INDEX issued_revoked ON issued (ca_id, not_after) WHERE revoked_at > 0;
CREATE INDEX issued_key ON issued (tenant_id, spki_sha256);

-- Requests may now be decided here: issued, held for an approval, rejected.
CREATE TABLE submission_new (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	request_id TEXT,
	authority TEXT NOT NULL,
	title TEXT NOT NULL,
	profile TEXT NOT NULL,
	public INTEGER NOT NULL,
	days INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN
	    ('sent', 'answered', 'withdrawn', 'issued', 'held', 'rejected')),
	der BLOB NOT NULL,
	name TEXT NOT NULL,
	subject TEXT NOT NULL,
	note TEXT,
	sheet TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0,
	serial TEXT,
	approvals TEXT,
	decided_by TEXT,
	reason TEXT,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id) REFERENCES tenant (id),
	FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO submission_new (tenant_id, id, request_id, authority, title, profile, public, days,
    state, der, name, subject, note, sheet, created_by, created_at, ended_at)
    SELECT tenant_id, id, request_id, authority, title, profile, public, days, state, der, name,
    subject, note, sheet, created_by, created_at, ended_at FROM submission;
DROP TABLE submission;
ALTER TABLE submission_new RENAME TO submission;
CREATE INDEX submission_request ON submission (tenant_id, request_id, id);
