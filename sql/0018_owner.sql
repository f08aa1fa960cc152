-- Whose is a certificate of our own authorities? It stays in the list of its CA,
-- which is the system's; the tenant that asked for it sees and revokes it.
ALTER TABLE issued ADD COLUMN owner TEXT NOT NULL DEFAULT 'system';
CREATE INDEX issued_owner ON issued (owner, id) WHERE owner <> 'system';
-- What waits for people of the system, whichever tenant asked.
CREATE INDEX submission_held ON submission (id) WHERE state = 'held';
