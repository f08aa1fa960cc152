-- Found by key, and what waits, without reading all.
CREATE INDEX request_spki ON request (tenant_id, spki_sha256, id);
CREATE INDEX submission_waits ON submission (tenant_id, id) WHERE state IN ('sent', 'held');
