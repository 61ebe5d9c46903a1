-- The SHA-256 of a session's access token, by which Auth tells of tokens that count no longer. Null until the session's next refresh.
ALTER TABLE web_sessions ADD COLUMN token_hash char(64);

CREATE INDEX web_sessions_token_hash ON web_sessions (token_hash);
CREATE INDEX web_sessions_user_id ON web_sessions (user_id);
