-- Users and API keys as the legacy system made them, so that its database is taken over as it is: every statement leaves
-- what is there alone. Times are UTC without a zone.

CREATE TABLE IF NOT EXISTS users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(255) NOT NULL UNIQUE,
    name varchar(255),
    created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc')
);

CREATE TABLE IF NOT EXISTS api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key_hash varchar(64) NOT NULL UNIQUE,
    name varchar(255),
    permissions jsonb DEFAULT '{}',
    is_active boolean DEFAULT true,
    expires_at timestamp,
    last_used_at timestamp,
    created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc')
);

-- The legacy system's portable script made these tables with fewer columns.
ALTER TABLE users
    ADD COLUMN IF NOT EXISTS name varchar(255),
    ADD COLUMN IF NOT EXISTS created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc');

ALTER TABLE api_keys
    ADD COLUMN IF NOT EXISTS name varchar(255),
    ADD COLUMN IF NOT EXISTS permissions jsonb DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS is_active boolean DEFAULT true,
    ADD COLUMN IF NOT EXISTS expires_at timestamp,
    ADD COLUMN IF NOT EXISTS last_used_at timestamp,
    ADD COLUMN IF NOT EXISTS created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    -- The first characters of the key, for its owner to recognise it. Null for a legacy key: only its hash is known.
    ADD COLUMN IF NOT EXISTS key_prefix varchar(16),
    -- Null for a legacy key: its scopes follow from its permissions.
    ADD COLUMN IF NOT EXISTS scopes text[];

-- It also kept ids as it liked, so that a default may be missing or of an extension that is gone.
ALTER TABLE users ALTER COLUMN id SET DEFAULT gen_random_uuid();
ALTER TABLE api_keys ALTER COLUMN id SET DEFAULT gen_random_uuid();

CREATE INDEX IF NOT EXISTS idx_api_keys_user_id ON api_keys (user_id);
CREATE INDEX IF NOT EXISTS idx_api_keys_key_hash ON api_keys (key_hash);
CREATE INDEX IF NOT EXISTS idx_api_keys_is_active ON api_keys (is_active);

DO $$
BEGIN
    IF to_regproc('update_updated_at_column') IS NULL THEN
        CREATE FUNCTION update_updated_at_column() RETURNS trigger AS $function$
        BEGIN
            NEW.updated_at = now() AT TIME ZONE 'utc';
            RETURN NEW;
        END;
        $function$ LANGUAGE plpgsql;
    END IF;
END
$$;

CREATE OR REPLACE TRIGGER update_users_updated_at BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE OR REPLACE TRIGGER update_api_keys_updated_at BEFORE UPDATE ON api_keys
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
