-- Subscriptions of desk phones to the calls, messages and presence of extensions, so that lamps go on after a restart.
-- They are rewritten when they are renewed, not with every change that they tell of.
CREATE TABLE subscriptions (
    tenant_id    TEXT NOT NULL,
    tag          TEXT NOT NULL,
    device_id    TEXT NOT NULL,
    extension_id TEXT NOT NULL,
    frozen       TEXT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, tag),
    FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, extension_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX subscriptions_device ON subscriptions (tenant_id, device_id);
CREATE INDEX subscriptions_extension ON subscriptions (tenant_id, extension_id);
