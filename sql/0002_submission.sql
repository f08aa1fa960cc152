-- Requests on their way to an authority, and what it was expected to make of them.
CREATE TABLE submission (
	tenant_id TEXT NOT NULL,
	id TEXT NOT NULL,
	request_id TEXT,
	authority TEXT NOT NULL,
	title TEXT NOT NULL,
	profile TEXT NOT NULL,
	public INTEGER NOT NULL,
	days INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('sent', 'answered', 'withdrawn')),
	der BLOB NOT NULL,
	name TEXT NOT NULL,
	subject TEXT NOT NULL,
	note TEXT,
	sheet TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id) REFERENCES tenant (id),
	FOREIGN KEY (tenant_id, request_id) REFERENCES request (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX submission_request ON submission (tenant_id, request_id, id);
