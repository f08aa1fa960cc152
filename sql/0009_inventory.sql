-- Counted by state and by the end of life without reading the certificates.
CREATE INDEX issued_ends ON issued (tenant_id, not_after, state);
