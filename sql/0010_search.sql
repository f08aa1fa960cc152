-- A million certificates: each has a number, in the order in which they were
-- issued, and sets of numbers answer what is asked of all of them. Rows by number
-- take half the room of rows by id: a certificate fits into its page.
CREATE TABLE issued_new (
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
	number INTEGER PRIMARY KEY,
	UNIQUE (tenant_id, id),
	FOREIGN KEY (tenant_id, ca_id) REFERENCES ca (tenant_id, id)
) STRICT;
INSERT INTO issued_new (tenant_id, id, ca_id, serial, state, submission_id, profile, der, sha256,
    spki_sha256, subject, name, names, not_before, not_after, revoked_at, reason, created_at)
    SELECT tenant_id, id, ca_id, serial, state, submission_id, profile, der, sha256, spki_sha256,
    subject, name, names, not_before, not_after, revoked_at, reason, created_at
    FROM issued ORDER BY id;
DROP TABLE issued;
ALTER TABLE issued_new RENAME TO issued;
CREATE UNIQUE INDEX issued_serial ON issued (ca_id, serial);
CREATE INDEX issued_key ON issued (tenant_id, spki_sha256);
-- how a fingerprint begins
CREATE INDEX issued_fingerprint ON issued (tenant_id, substr(sha256, 1, 4));
-- all that a CRL says, without reading the certificates
CREATE INDEX issued_revoked ON issued (ca_id, not_after, serial, revoked_at, reason)
    WHERE revoked_at > 0;

-- Numbers below this one are filed (store_filing.c): whole blocks of 4096. The
-- upkeep files those of an old database, too; until then they are read.
CREATE TABLE issued_filed (below INTEGER NOT NULL) STRICT;
INSERT INTO issued_filed VALUES (0);
-- One byte of state for each number of a block; 0: there is none of this tenant.
CREATE TABLE issued_states (
	tenant_id TEXT NOT NULL,
	block INTEGER NOT NULL,
	states BLOB NOT NULL,
	PRIMARY KEY (tenant_id, block)
) STRICT;
-- Four bytes of notAfter for each, seconds since 1970.
CREATE TABLE issued_ends (
	tenant_id TEXT NOT NULL,
	block INTEGER NOT NULL,
	ends BLOB NOT NULL,
	PRIMARY KEY (tenant_id, block)
) STRICT;
-- Which of a block have these one or three bytes in names or subject.
CREATE TABLE issued_gram (
	tenant_id TEXT NOT NULL,
	block INTEGER NOT NULL,
	gram INTEGER NOT NULL,
	numbers BLOB NOT NULL,
	PRIMARY KEY (tenant_id, block, gram)
) STRICT, WITHOUT ROWID;
