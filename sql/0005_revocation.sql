-- What others are told about our certificates: the newest list of revoked ones
-- of each CA, and who signs answers about single certificates in its name.
CREATE TABLE crl (
	tenant_id TEXT NOT NULL,
	ca_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	der BLOB NOT NULL,
	this_update INTEGER NOT NULL,
	next_update INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, ca_id),
	FOREIGN KEY (tenant_id, ca_id) REFERENCES ca (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ocsp_signer (
	tenant_id TEXT NOT NULL,
	ca_id TEXT NOT NULL,
	blob BLOB NOT NULL,
	spki BLOB NOT NULL,
	der BLOB NOT NULL,
	not_after INTEGER NOT NULL,
	PRIMARY KEY (tenant_id, ca_id),
	FOREIGN KEY (tenant_id, ca_id) REFERENCES ca (tenant_id, id)
) STRICT, WITHOUT ROWID;
