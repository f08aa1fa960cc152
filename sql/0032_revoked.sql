-- What was revoked since a moment, of whom it was issued to: in tenant_id of
-- issued all is the system's.
DROP INDEX issued_revoked_at;
CREATE INDEX issued_owner_revoked ON issued (owner, revoked_at) WHERE revoked_at > 0;
