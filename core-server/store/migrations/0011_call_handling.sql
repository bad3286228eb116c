-- Where calls go beside public numbers: ring groups, intervals, forwarding rules, blocked callers, hot desks, star codes,
-- contacts, and the PIN of each extension.

-- One that was made before has no PIN until somebody gives it one.
ALTER TABLE extensions ADD COLUMN sealed_pin BYTEA;

CREATE TABLE ring_groups (
    tenant_id     TEXT NOT NULL REFERENCES tenants (id),
    id            TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    number        TEXT NOT NULL,
    name          TEXT NOT NULL,
    strategy      TEXT NOT NULL,
    failover_kind TEXT,
    failover_id   TEXT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ring_groups_failover ON ring_groups (tenant_id, failover_kind, failover_id);

CREATE TABLE ring_group_members (
    tenant_id    TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    place        BIGINT NOT NULL,
    extension_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, group_id, place),
    FOREIGN KEY (tenant_id, group_id) REFERENCES ring_groups (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, extension_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ring_group_members_extension ON ring_group_members (tenant_id, extension_id);

-- When an interval holds is JSON, since nothing is looked up by it.
CREATE TABLE intervals (
    tenant_id   TEXT NOT NULL REFERENCES tenants (id),
    id          TEXT NOT NULL,
    revision    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT,
    holds       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX intervals_name ON intervals (tenant_id, name);

-- The action is JSON; where it sends calls stands beside it once more, to be looked up by.
CREATE TABLE forwarding_rules (
    tenant_id          TEXT NOT NULL,
    id                 TEXT NOT NULL,
    extension_id       TEXT NOT NULL,
    place              BIGINT NOT NULL,
    revision           BIGINT NOT NULL,
    interval_id        TEXT,
    status             TEXT NOT NULL,
    action             TEXT NOT NULL,
    destination_kind   TEXT,
    destination_id     TEXT,
    group_calls        BOOLEAN NOT NULL,
    preserve_caller_id BOOLEAN NOT NULL,
    screening          BOOLEAN NOT NULL,
    external_only      BOOLEAN NOT NULL,
    key                TEXT,
    enabled            BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, extension_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, interval_id) REFERENCES intervals (tenant_id, id)
);
CREATE UNIQUE INDEX forwarding_rules_key ON forwarding_rules (tenant_id, extension_id, key);
CREATE INDEX forwarding_rules_destination ON forwarding_rules (tenant_id, destination_kind, destination_id);
CREATE INDEX forwarding_rules_interval ON forwarding_rules (tenant_id, interval_id);

-- The number is empty where none is meant: an entry cannot be there twice.
CREATE TABLE blocked_callers (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    id        TEXT NOT NULL,
    kind      TEXT NOT NULL,
    number    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX blocked_callers_entry ON blocked_callers (tenant_id, kind, number);

-- A person's calls ring at one other phone at a time.
CREATE TABLE hot_desks (
    tenant_id TEXT NOT NULL,
    guest_id  TEXT NOT NULL,
    host_id   TEXT NOT NULL,
    since     BIGINT NOT NULL,
    until     BIGINT,
    PRIMARY KEY (tenant_id, guest_id),
    FOREIGN KEY (tenant_id, guest_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, host_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX hot_desks_host ON hot_desks (tenant_id, host_id);

-- The codes that a company has changed, as JSON; without a row it has the usual ones.
CREATE TABLE feature_codes (
    tenant_id TEXT PRIMARY KEY REFERENCES tenants (id),
    revision  BIGINT NOT NULL,
    changed   TEXT NOT NULL
);

CREATE TABLE contacts (
    tenant_id  TEXT NOT NULL REFERENCES tenants (id),
    id         TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    name       TEXT NOT NULL,
    number     TEXT NOT NULL,
    speed_dial BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX contacts_speed_dial ON contacts (tenant_id, speed_dial);
