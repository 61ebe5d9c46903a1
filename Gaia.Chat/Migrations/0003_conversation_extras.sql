-- Pinned, archived, searched and shared conversations.

-- Some legacy installations were restored from a copy without its keys; what follows, and the service, count on them.
DO $$
DECLARE
    kept regclass;
BEGIN
    FOREACH kept IN ARRAY ARRAY['conversations'::regclass, 'chat_messages'::regclass] LOOP
        CONTINUE WHEN EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = kept AND contype = 'p');
        EXECUTE format('UPDATE %s SET id = gen_random_uuid() WHERE id IS NULL', kept);
        EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (id)', kept);
    END LOOP;
END $$;

ALTER TABLE conversations
    ADD COLUMN IF NOT EXISTS is_pinned boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS is_archived boolean NOT NULL DEFAULT false;

-- The words of a message, as they are written: 'simple' knows no language, so it fits all of them. Beyond the first 50,000
-- characters nothing is found: a tsvector holds a megabyte, and a word of a compound is in it up to three times.
ALTER TABLE chat_messages
    ADD COLUMN IF NOT EXISTS search tsvector GENERATED ALWAYS AS (to_tsvector('simple', left(content, 50000))) STORED;
CREATE INDEX IF NOT EXISTS idx_chat_messages_search ON chat_messages USING gin (search) WHERE superseded_at IS NULL;

-- Links that show a conversation to whoever has one.
--   token_hash: SHA-256 of the token, which is kept nowhere.
--   title, shown_until: what the link shows is what there was when it was made: messages up to this time that were not replaced until then.
--   expires_at: null for a link that is good until it is revoked.
CREATE TABLE IF NOT EXISTS conversation_shares (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    title varchar(255) NOT NULL,
    shown_until timestamp NOT NULL,
    created_at timestamp NOT NULL,
    expires_at timestamp);
CREATE INDEX IF NOT EXISTS idx_conversation_shares_conversation ON conversation_shares (conversation_id, created_at);
