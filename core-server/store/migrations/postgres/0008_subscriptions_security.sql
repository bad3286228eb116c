-- The second belt for the subscriptions of desk phones.
ALTER TABLE subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON subscriptions USING (wigwag_sees(tenant_id));
