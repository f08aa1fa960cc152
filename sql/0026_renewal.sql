-- What becomes of an identity's certificate before it ends. The row is about
-- certificate_id: when another one becomes active, what was under way is dropped.
-- next_at 0: nothing happens by itself.
CREATE TABLE renewal (
	tenant_id TEXT NOT NULL,
	identity_id TEXT NOT NULL,
	certificate_id TEXT,
	by_itself INTEGER NOT NULL DEFAULT 1,
	new_key INTEGER NOT NULL DEFAULT 1,
	days_left INTEGER NOT NULL DEFAULT 0,
	hours TEXT,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'ready', 'failed', 'paused', 'manual')),
	next_at INTEGER NOT NULL,
	asked INTEGER NOT NULL DEFAULT 0,
	request_id TEXT,
	submission_id TEXT,
	tries INTEGER NOT NULL DEFAULT 0,
	message TEXT,
	renewed_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, identity_id),
	FOREIGN KEY (tenant_id, identity_id) REFERENCES identity (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX renewal_next ON renewal (next_at) WHERE next_at > 0;
CREATE INDEX renewal_submission ON renewal (submission_id) WHERE submission_id IS NOT NULL;
-- What is in use already: looked at when it is due, and left alone where it is not ours.
INSERT INTO renewal (tenant_id, identity_id, certificate_id, state, next_at)
	SELECT i.tenant_id, i.id, i.active_id, 'waiting', c.not_after - (c.not_after - c.not_before) / 2
	FROM identity i JOIN certificate c ON c.tenant_id = i.tenant_id AND c.id = i.active_id
	WHERE c.origin <> 'self-signed';
