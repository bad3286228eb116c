-- The second belt: a transaction sees the rows of the one company that it was begun for, even if a query forgets to ask.
-- Every transaction says at its beginning whom it is for: SET LOCAL wigwag.tenant is a company's id, or '*' for what
-- spans companies. One that says nothing sees nothing. The tables' owner is bound by this as well (FORCE).

CREATE FUNCTION wigwag_sees(tenant TEXT) RETURNS BOOLEAN LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN current_setting('wigwag.tenant', true) IN (tenant, '*');

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON tenants USING (wigwag_sees(id));

ALTER TABLE extensions ENABLE ROW LEVEL SECURITY;
ALTER TABLE extensions FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON extensions USING (wigwag_sees(tenant_id));

ALTER TABLE devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE devices FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON devices USING (wigwag_sees(tenant_id));

ALTER TABLE bindings ENABLE ROW LEVEL SECURITY;
ALTER TABLE bindings FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON bindings USING (wigwag_sees(tenant_id));

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON users USING (wigwag_sees(tenant_id));

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON sessions USING (wigwag_sees(tenant_id));

ALTER TABLE call_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_records FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON call_records USING (wigwag_sees(tenant_id));

ALTER TABLE call_legs ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_legs FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON call_legs USING (wigwag_sees(tenant_id));

ALTER TABLE call_participants ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_participants FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON call_participants USING (wigwag_sees(tenant_id));

-- What belongs to the server itself: only for what spans companies.
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE settings FORCE ROW LEVEL SECURITY;
CREATE POLICY server_only ON settings USING (wigwag_sees('*'));

ALTER TABLE consumer_cursors ENABLE ROW LEVEL SECURITY;
ALTER TABLE consumer_cursors FORCE ROW LEVEL SECURITY;
CREATE POLICY server_only ON consumer_cursors USING (wigwag_sees('*'));
