-- Users who sign in: password accounts beside the rows of users, sessions and their tokens, identities that another issuer vouches
-- for, mails on their way. A token is kept as its SHA-256 in lower-case hex only.

-- The address of a row that the legacy system made may have any case.
CREATE INDEX idx_users_email_folded ON users (lower(email COLLATE "C"));

CREATE TABLE auth_accounts (
    id uuid PRIMARY KEY,
    -- Null until the address is confirmed, when a row of users had it before: its data belongs to whoever reads that mailbox.
    user_id uuid UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    -- In lower case.
    email varchar(254) NOT NULL UNIQUE,
    password_hash text NOT NULL,
    email_confirmed_at timestamptz,
    confirmation_sent_at timestamptz,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (user_id IS NOT NULL OR email_confirmed_at IS NULL)
);

-- Who a subject of another issuer is here.
CREATE TABLE auth_identities (
    provider text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (provider, subject)
);

CREATE INDEX idx_auth_identities_user ON auth_identities (user_id);

CREATE TABLE auth_sessions (
    -- The claim session_id of the session's tokens.
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address text,
    created_at timestamptz NOT NULL,
    -- When its last token ends.
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text
);

CREATE INDEX idx_auth_sessions_user ON auth_sessions (user_id, address);
CREATE INDEX idx_auth_sessions_expires ON auth_sessions (expires_at);

CREATE TABLE auth_refresh_tokens (
    token_hash varchar(64) PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES auth_sessions (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- A used one is kept until it would have ended, so that whoever uses it again is noticed.
    used_at timestamptz
);

CREATE INDEX idx_auth_refresh_tokens_session ON auth_refresh_tokens (session_id);
CREATE INDEX idx_auth_refresh_tokens_expires ON auth_refresh_tokens (expires_at);

CREATE TABLE auth_access_tokens (
    token_hash varchar(64) PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id uuid REFERENCES auth_sessions (id) ON DELETE CASCADE,
    -- With a token that was given for an API key: it ends with the key. Not a reference, for the key may be kept elsewhere.
    api_key_hash varchar(64),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE INDEX idx_auth_access_tokens_session ON auth_access_tokens (session_id);
CREATE INDEX idx_auth_access_tokens_key ON auth_access_tokens (api_key_hash) WHERE api_key_hash IS NOT NULL;
CREATE INDEX idx_auth_access_tokens_expires ON auth_access_tokens (expires_at);

CREATE TABLE auth_confirmations (
    token_hash varchar(64) PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES auth_accounts (id) ON DELETE CASCADE,
    -- The password that whoever asked for this mail gave; it counts once the mail is confirmed.
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX idx_auth_confirmations_account ON auth_confirmations (account_id);
CREATE INDEX idx_auth_confirmations_expires ON auth_confirmations (expires_at);

CREATE TABLE auth_mail_outbox (
    id uuid PRIMARY KEY,
    recipient varchar(254) NOT NULL,
    subject text NOT NULL,
    -- Null once the mail is sent or too late: it holds a link that only its recipient may use.
    body text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    sent_at timestamptz,
    last_error text
);

CREATE INDEX idx_auth_mail_outbox_due ON auth_mail_outbox (next_attempt_at) WHERE sent_at IS NULL AND body IS NOT NULL;
CREATE INDEX idx_auth_mail_outbox_expires ON auth_mail_outbox (expires_at);

-- How much a subject (an address, an e-mail address…) has lately asked for: the theoretical arrival time of GCRA.
CREATE TABLE auth_throttle (
    subject text PRIMARY KEY,
    arrival timestamptz NOT NULL
);

CREATE INDEX idx_auth_throttle_arrival ON auth_throttle (arrival);
