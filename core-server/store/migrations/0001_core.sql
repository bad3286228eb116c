-- The core: companies, people, extensions, devices, registrations, sign-ins and the call history.
-- Written for SQLite and PostgreSQL alike. Ids are UUIDs as text, times UTC milliseconds, every key has its tenant.

CREATE TABLE tenants (
    id                    TEXT PRIMARY KEY,
    name                  TEXT NOT NULL,
    concurrent_calls      BIGINT NOT NULL,
    configuration_version BIGINT NOT NULL,
    created_at            BIGINT NOT NULL
);

CREATE TABLE extensions (
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    id             TEXT NOT NULL,
    number         TEXT NOT NULL,
    sip_username   TEXT NOT NULL,
    name           TEXT NOT NULL,
    ring_timeout_s BIGINT NOT NULL,
    call_waiting   BOOLEAN NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX extensions_number ON extensions (tenant_id, number);
CREATE UNIQUE INDEX extensions_sip_username ON extensions (sip_username);

-- A device's row goes with its extension, and so do its registrations with the device.
CREATE TABLE devices (
    tenant_id           TEXT NOT NULL,
    id                  TEXT NOT NULL,
    extension_id        TEXT NOT NULL,
    name                TEXT NOT NULL,
    sealed_sip_password BYTEA NOT NULL,
    authentication      TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, extension_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX devices_extension ON devices (tenant_id, extension_id);

-- Registrations of connectionless flows only: the others end with their connection. Every refresh changes a row, so
-- there is no index on expires_at: what has ended is looked for now and then only.
CREATE TABLE bindings (
    tenant_id     TEXT NOT NULL,
    extension_id  TEXT NOT NULL,
    key           TEXT NOT NULL,
    device_id     TEXT NOT NULL,
    contact_uri   TEXT NOT NULL,
    flow          TEXT NOT NULL,
    instance      TEXT,
    user_agent    TEXT,
    path          TEXT NOT NULL,
    registered_at BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    call_id       TEXT NOT NULL,
    cseq          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, extension_id, key),
    FOREIGN KEY (tenant_id, extension_id) REFERENCES extensions (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX bindings_device ON bindings (tenant_id, device_id);

CREATE TABLE users (
    tenant_id            TEXT NOT NULL REFERENCES tenants (id),
    id                   TEXT NOT NULL,
    username             TEXT NOT NULL,
    name                 TEXT NOT NULL,
    access_level         TEXT NOT NULL,
    default_extension_id TEXT,
    password_hash        TEXT NOT NULL,
    created_at           BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, default_extension_id) REFERENCES extensions (tenant_id, id)
);
CREATE UNIQUE INDEX users_username ON users (username);
CREATE INDEX users_default_extension ON users (tenant_id, default_extension_id);

-- Of a bearer token only the SHA-256 is kept.
CREATE TABLE sessions (
    token_hash   BYTEA PRIMARY KEY,
    tenant_id    TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- The history outlives the extensions and devices that it names, hence no foreign keys to them.
CREATE TABLE call_records (
    tenant_id           TEXT NOT NULL REFERENCES tenants (id),
    id                  TEXT NOT NULL,
    direction           TEXT NOT NULL,
    caller_name         TEXT,
    caller_number       TEXT NOT NULL,
    caller_extension_id TEXT,
    caller_extension    TEXT,
    dialled             TEXT NOT NULL,
    callee_name         TEXT,
    callee_number       TEXT,
    callee_extension_id TEXT,
    callee_extension    TEXT,
    started_at          BIGINT NOT NULL,
    answered_at         BIGINT,
    ended_at            BIGINT NOT NULL,
    talk_ms             BIGINT NOT NULL,
    outcome             TEXT NOT NULL,
    cause               TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX call_records_started_at ON call_records (tenant_id, started_at, id);

CREATE TABLE call_legs (
    tenant_id        TEXT NOT NULL,
    call_id          TEXT NOT NULL,
    leg              BIGINT NOT NULL,
    role             TEXT NOT NULL,
    extension_id     TEXT,
    device_id        TEXT,
    address          TEXT NOT NULL,
    started_at       BIGINT NOT NULL,
    ringing_at       BIGINT,
    answered_at      BIGINT,
    ended_at         BIGINT NOT NULL,
    cause            TEXT NOT NULL,
    packets_received BIGINT,
    packets_sent     BIGINT,
    packets_lost     BIGINT,
    jitter_us        BIGINT,
    reported_lost    BIGINT,
    round_trip_us    BIGINT,
    PRIMARY KEY (tenant_id, call_id, leg),
    FOREIGN KEY (tenant_id, call_id) REFERENCES call_records (tenant_id, id) ON DELETE CASCADE
);

-- Which extensions took part in which call: an extension's own history is read from here, page by page.
CREATE TABLE call_participants (
    tenant_id    TEXT NOT NULL,
    extension_id TEXT NOT NULL,
    started_at   BIGINT NOT NULL,
    call_id      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, extension_id, started_at, call_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES call_records (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX call_participants_call ON call_participants (tenant_id, call_id);

-- How far each consumer of the journal has come, and what it knew of unfinished calls there.
CREATE TABLE consumer_cursors (
    consumer TEXT PRIMARY KEY,
    segment  BIGINT NOT NULL,
    position BIGINT NOT NULL,
    state    TEXT NOT NULL
);

-- What the server itself has to remember, for example the demo's passwords; always sealed.
CREATE TABLE settings (
    name         TEXT PRIMARY KEY,
    sealed_value BYTEA NOT NULL
);
