-- What internal tokens are signed with. A row is published from its creation until retires_at and signs from activates_at.
CREATE TABLE auth_signing_keys (
    kid text PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    -- PKCS #8, sealed with Gaia:EncryptionKey (see SecretBox).
    sealed_private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    activates_at timestamptz NOT NULL,
    retires_at timestamptz NOT NULL CHECK (retires_at > activates_at)
);
