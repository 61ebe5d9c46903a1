ALTER TABLE api_keys
    -- permits/seconds/burst in place of the limits that hold for everybody; null for those.
    ADD COLUMN IF NOT EXISTS rate_limit varchar(64),
    -- The key that takes the place of this one.
    ADD COLUMN IF NOT EXISTS rotated_to uuid;

-- From where each key was used, so that a use from somewhere new is noticed.
CREATE TABLE api_key_addresses (
    key_id uuid NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    address inet NOT NULL,
    first_used_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, address)
);

CREATE INDEX idx_api_key_addresses_last_used ON api_key_addresses (last_used_at);
