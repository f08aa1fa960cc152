-- The requester's link to the sheet of one request: only the SHA-256 of its
-- token. Withdrawn or replaced it is deleted: as if it had never been.
CREATE TABLE link (
	tenant_id TEXT NOT NULL,
	submission_id TEXT NOT NULL,
	hash BLOB NOT NULL UNIQUE,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, submission_id),
	FOREIGN KEY (tenant_id, submission_id) REFERENCES submission (tenant_id, id)
) STRICT, WITHOUT ROWID;
