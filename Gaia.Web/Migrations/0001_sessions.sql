-- Who is signed in on the web. The id is the SHA-256 of the key in the browser's cookie; what is in the ticket and the tokens
-- is sealed with the key ring.
CREATE TABLE web_sessions (
    id char(64) PRIMARY KEY,
    user_id uuid NOT NULL,
    ticket bytea NOT NULL,
    tokens bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL);

CREATE INDEX web_sessions_expires_at ON web_sessions (expires_at);

-- The key ring of ASP.NET Core's Data Protection, one for all replicas.
CREATE TABLE data_protection_keys (
    name text PRIMARY KEY,
    xml text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
