-- Extensions gain another kind, a caller ID and do not disturb, and share their numbers with ring groups and all that comes later.

ALTER TABLE extensions ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
-- The landline or mobile that rings instead makes an extension a virtual one.
ALTER TABLE extensions ADD COLUMN forward_to TEXT;
ALTER TABLE extensions ADD COLUMN screening BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE extensions ADD COLUMN caller_id TEXT;
ALTER TABLE extensions ADD COLUMN withhold_number BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE extensions ADD COLUMN do_not_disturb BOOLEAN NOT NULL DEFAULT FALSE;

-- One space of 3-digit numbers for everything that colleagues can dial.
CREATE TABLE internal_numbers (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    number    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    id        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
CREATE UNIQUE INDEX internal_numbers_holder ON internal_numbers (tenant_id, kind, id);
INSERT INTO internal_numbers (tenant_id, number, kind, id) SELECT tenant_id, number, 'extension', id FROM extensions;
