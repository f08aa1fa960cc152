-- A tenant has a state, a contact and limits. A deleted one is a tombstone: it
-- keeps its id, so that audit and certificates have somebody to belong to, and
-- gives its name away.
ALTER TABLE tenant ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
    CHECK (state IN ('active', 'suspended', 'deleted'));
ALTER TABLE tenant ADD COLUMN former TEXT;
ALTER TABLE tenant ADD COLUMN contact TEXT;
ALTER TABLE tenant ADD COLUMN reason TEXT;
ALTER TABLE tenant ADD COLUMN created_by TEXT NOT NULL DEFAULT 'system';
ALTER TABLE tenant ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;
-- 0: no limit
ALTER TABLE tenant ADD COLUMN max_identities INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenant ADD COLUMN max_certificates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenant ADD COLUMN max_requests INTEGER NOT NULL DEFAULT 0;

-- Each tenant has a name space of its own for its people: jane of acme signs in
-- as jane@acme.
DROP INDEX IF EXISTS account_name;
CREATE UNIQUE INDEX account_name ON account (tenant_id, lower(name));
-- A link that an invited person sets the first password with.
ALTER TABLE account ADD COLUMN invitation BLOB;
ALTER TABLE account ADD COLUMN invited_until INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX account_invitation ON account (invitation) WHERE invitation IS NOT NULL;

-- What a tenant sees of the audit; the system sees all of it by sequence.
CREATE INDEX audit_tenant ON audit (tenant, sequence) WHERE tenant <> 'system';
