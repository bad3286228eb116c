-- A company sees its own entries, the platform's transactions see all.

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON audit_log USING (wigwag_sees(tenant_id));
