-- The last sign-ins of one account, whatever became of them.
CREATE INDEX audit_sign_in ON audit (tenant, object, sequence) WHERE action = 'session.sign-in';
