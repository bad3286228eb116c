-- A company sees free numbers and those it has or had last; what it changes is its own afterwards.
ALTER TABLE number_stock ENABLE ROW LEVEL SECURITY;
ALTER TABLE number_stock FORCE ROW LEVEL SECURITY;
CREATE POLICY free_or_own ON number_stock
    USING (tenant_id IS NULL OR wigwag_sees(tenant_id))
    WITH CHECK (wigwag_sees(COALESCE(tenant_id, '*')));

ALTER TABLE numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON numbers USING (wigwag_sees(tenant_id));

ALTER TABLE routing_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE routing_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON routing_rules USING (wigwag_sees(tenant_id));

ALTER TABLE approved_caller_ids ENABLE ROW LEVEL SECURITY;
ALTER TABLE approved_caller_ids FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON approved_caller_ids USING (wigwag_sees(tenant_id));

ALTER TABLE company_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE company_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON company_settings USING (wigwag_sees(tenant_id));

-- What belongs to the platform: only for what spans companies.
ALTER TABLE gateways ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateways FORCE ROW LEVEL SECURITY;
CREATE POLICY server_only ON gateways USING (wigwag_sees('*'));
