-- Conversations and their messages. A database of the legacy system is taken over as it is, so every step here also
-- holds for tables that exist already and have rows.

CREATE TABLE IF NOT EXISTS conversations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    title varchar(255) NOT NULL DEFAULT 'New Conversation',
    preview text,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'));

CREATE TABLE IF NOT EXISTS chat_messages (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    conversation_id uuid NOT NULL CONSTRAINT chat_messages_conversation_id_fkey REFERENCES conversations (id) ON DELETE CASCADE,
    role varchar(50) NOT NULL,
    content text NOT NULL,
    model varchar(100),
    provider varchar(50),
    tokens_used integer,
    created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'));

DO $$
DECLARE
    found record;
BEGIN
    -- Users belong to another service and may live in another database: a new database has no key to them, an inherited one loses it.
    FOR found IN
        SELECT conname, conrelid::regclass AS owner FROM pg_constraint
        WHERE contype = 'f'
          AND conrelid IN ('conversations'::regclass, 'chat_messages'::regclass)
          AND confrelid NOT IN ('conversations'::regclass, 'chat_messages'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.owner, found.conname);
    END LOOP;

    -- The service sets updated_at itself, later for every message than for the one before; the inherited trigger would
    -- overwrite that with the start of the transaction, which two messages sent at once may have in the other order.
    FOR found IN
        SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid = 'conversations'::regclass AND NOT tgisinternal AND proname = 'update_updated_at_column'
    LOOP
        EXECUTE format('DROP TRIGGER %I ON conversations', found.tgname);
    END LOOP;
END $$;

-- Some legacy installations lack a default or allow null where the code now counts on a value.
UPDATE conversations SET title = 'New Conversation' WHERE title IS NULL;
UPDATE conversations SET is_active = true WHERE is_active IS NULL;
UPDATE conversations SET created_at = COALESCE(updated_at, now() AT TIME ZONE 'utc') WHERE created_at IS NULL;
UPDATE conversations SET updated_at = created_at WHERE updated_at IS NULL;
UPDATE chat_messages SET created_at = now() AT TIME ZONE 'utc' WHERE created_at IS NULL;
ALTER TABLE conversations
    ALTER COLUMN title SET NOT NULL,
    ALTER COLUMN is_active SET DEFAULT true,
    ALTER COLUMN is_active SET NOT NULL,
    ALTER COLUMN created_at SET DEFAULT (now() AT TIME ZONE 'utc'),
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN updated_at SET DEFAULT (now() AT TIME ZONE 'utc'),
    ALTER COLUMN updated_at SET NOT NULL;
ALTER TABLE chat_messages
    ALTER COLUMN created_at SET DEFAULT (now() AT TIME ZONE 'utc'),
    ALTER COLUMN created_at SET NOT NULL;

-- What a call cost, in tokens. usage_source: 'provider' (its own count) or 'estimated' (ours, when it gave none).
-- finish_reason: the provider's, or 'cancelled' (the client left), or 'error' (the provider failed half-way).
-- ordinal: breaks ties between legacy rows of the same microsecond.
ALTER TABLE chat_messages
    ADD COLUMN IF NOT EXISTS prompt_tokens integer,
    ADD COLUMN IF NOT EXISTS completion_tokens integer,
    ADD COLUMN IF NOT EXISTS usage_source varchar(20),
    ADD COLUMN IF NOT EXISTS finish_reason varchar(30),
    ADD COLUMN IF NOT EXISTS ordinal bigserial;

-- updated_at has no index, so that touching it with every message stays a heap-only update.
CREATE INDEX IF NOT EXISTS idx_conversations_user_id ON conversations (user_id);
CREATE INDEX IF NOT EXISTS idx_conversations_created_at ON conversations (created_at DESC);
CREATE INDEX IF NOT EXISTS idx_conversations_is_active ON conversations (is_active);
CREATE INDEX IF NOT EXISTS idx_chat_messages_user_id ON chat_messages (user_id);
-- Nothing looks for messages by time alone. The legacy index on it would mislead the planner: for a conversation that is a
-- large part of the table it walks all newer messages of everybody.
DROP INDEX IF EXISTS idx_chat_messages_created_at, ix_chat_messages_created_at;
-- Serves the lookups by conversation too, and reads a conversation in its order.
CREATE INDEX IF NOT EXISTS idx_chat_messages_conversation_order ON chat_messages (conversation_id, created_at, ordinal);
