-- One company sees nothing of where another sends its calls.

ALTER TABLE ring_groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE ring_groups FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON ring_groups USING (wigwag_sees(tenant_id));

ALTER TABLE ring_group_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE ring_group_members FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON ring_group_members USING (wigwag_sees(tenant_id));

ALTER TABLE intervals ENABLE ROW LEVEL SECURITY;
ALTER TABLE intervals FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON intervals USING (wigwag_sees(tenant_id));

ALTER TABLE forwarding_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE forwarding_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON forwarding_rules USING (wigwag_sees(tenant_id));

ALTER TABLE blocked_callers ENABLE ROW LEVEL SECURITY;
ALTER TABLE blocked_callers FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON blocked_callers USING (wigwag_sees(tenant_id));

ALTER TABLE hot_desks ENABLE ROW LEVEL SECURITY;
ALTER TABLE hot_desks FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON hot_desks USING (wigwag_sees(tenant_id));

ALTER TABLE feature_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE feature_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON feature_codes USING (wigwag_sees(tenant_id));

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON contacts USING (wigwag_sees(tenant_id));
