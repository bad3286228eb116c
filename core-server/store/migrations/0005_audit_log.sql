-- Who changed what, and the people who run the platform. The platform's own entries have the tenant '*', as its
-- transactions say on PostgreSQL; entries outlive what they name.

ALTER TABLE users ADD COLUMN operator BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE audit_log (
    tenant_id     TEXT NOT NULL,
    sequence      BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    actor         TEXT NOT NULL,
    actor_id      TEXT,
    actor_name    TEXT,
    entity        TEXT NOT NULL,
    entity_id     TEXT NOT NULL,
    before_change TEXT,
    after_change  TEXT,
    PRIMARY KEY (tenant_id, sequence)
);
CREATE INDEX audit_log_entity ON audit_log (tenant_id, entity, entity_id, sequence);
CREATE INDEX audit_log_at ON audit_log (at);
