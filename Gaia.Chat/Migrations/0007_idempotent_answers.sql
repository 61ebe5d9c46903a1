-- What was answered to requests with an Idempotency-Key, for a day: the same request gets the same answer, and costs nothing again.
--   request_hash: SHA-256 of what was asked.
--   body: null while the first request is being answered, until busy_until at most.
CREATE TABLE IF NOT EXISTS idempotent_answers (
    user_id uuid NOT NULL,
    key varchar(255) NOT NULL,
    request_hash bytea NOT NULL,
    content_type text,
    body bytea,
    busy_until timestamp NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (user_id, key));
CREATE INDEX IF NOT EXISTS idx_idempotent_answers_created_at ON idempotent_answers (created_at);
