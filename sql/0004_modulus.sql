-- RSA moduli that were here: in a key, a CSR or a certificate, of whatever tenant.
-- No two may have a prime in common (x509/factor.h).
CREATE TABLE modulus (
	sequence INTEGER PRIMARY KEY,
	sha256 BLOB NOT NULL UNIQUE,
	n BLOB NOT NULL,
	own INTEGER NOT NULL,			-- of a key of this house: never forgotten
	falls INTEGER NOT NULL,			-- has a prime in common with another
	compared INTEGER NOT NULL DEFAULT 0,	-- with all that were here before it
	seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX modulus_waiting ON modulus (sequence) WHERE compared = 0;

-- Keys whose private half others have, or can compute. Of whatever tenant: a key
-- that is known is known to all.
CREATE TABLE compromised_key (
	spki_sha256 BLOB NOT NULL PRIMARY KEY,
	source TEXT NOT NULL CHECK (source IN ('shared-factor', 'revoked', 'reported')),
	note TEXT,
	marked_by TEXT NOT NULL,
	marked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
