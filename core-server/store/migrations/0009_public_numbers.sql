-- Public numbers: the platform's stock, what companies have taken of it and where they send calls, what they may show,
-- and the gateways to carriers.

-- What the operator lets a company have; counts its own changes.
ALTER TABLE tenants ADD COLUMN suspended BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tenants ADD COLUMN terms_revision BIGINT NOT NULL DEFAULT 0;

-- A number without a tenant is free. One with quarantined_until was given back: until then only that company may take
-- it again.
CREATE TABLE number_stock (
    number            TEXT PRIMARY KEY,
    area              TEXT NOT NULL,
    area_lower        TEXT NOT NULL,
    kind              TEXT NOT NULL,
    calls             BOOLEAN NOT NULL,
    sms               BOOLEAN NOT NULL,
    fax               BOOLEAN NOT NULL,
    monthly_price     BIGINT NOT NULL,
    tenant_id         TEXT REFERENCES tenants (id),
    quarantined_until BIGINT,
    loaded_at         BIGINT NOT NULL
);
CREATE INDEX number_stock_quarantined ON number_stock (quarantined_until) WHERE quarantined_until IS NOT NULL;
CREATE INDEX number_stock_tenant ON number_stock (tenant_id) WHERE tenant_id IS NOT NULL;

CREATE TABLE numbers (
    tenant_id        TEXT NOT NULL REFERENCES tenants (id),
    id               TEXT NOT NULL,
    number           TEXT NOT NULL REFERENCES number_stock (number),
    revision         BIGINT NOT NULL,
    identifier       TEXT,
    destination_kind TEXT,
    destination_id   TEXT,
    taken_at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX numbers_number ON numbers (number);
CREATE INDEX numbers_destination ON numbers (tenant_id, destination_kind, destination_id);

CREATE TABLE routing_rules (
    tenant_id        TEXT NOT NULL,
    number_id        TEXT NOT NULL,
    position         BIGINT NOT NULL,
    interval_id      TEXT NOT NULL,
    destination_kind TEXT NOT NULL,
    destination_id   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, number_id, position),
    FOREIGN KEY (tenant_id, number_id) REFERENCES numbers (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX routing_rules_destination ON routing_rules (tenant_id, destination_kind, destination_id);
CREATE INDEX routing_rules_interval ON routing_rules (tenant_id, interval_id);

-- Numbers of others that the operator lets a company show.
CREATE TABLE approved_caller_ids (
    tenant_id   TEXT NOT NULL REFERENCES tenants (id),
    number      TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

-- A company without a row has the defaults.
CREATE TABLE company_settings (
    tenant_id              TEXT PRIMARY KEY REFERENCES tenants (id),
    revision               BIGINT NOT NULL,
    time_zone              TEXT NOT NULL,
    area_code              TEXT,
    international          BOOLEAN NOT NULL,
    caller_id              TEXT,
    pick_up_in_groups_only BOOLEAN NOT NULL
);

-- The settings are JSON without the password, since nothing is looked up by them.
CREATE TABLE gateways (
    id              TEXT PRIMARY KEY,
    revision        BIGINT NOT NULL,
    name            TEXT NOT NULL,
    settings        TEXT NOT NULL,
    sealed_password BYTEA
);
CREATE UNIQUE INDEX gateways_name ON gateways (name);
