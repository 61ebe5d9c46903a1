-- Nothing asks by these alone, and every message pays for them.
DROP INDEX IF EXISTS idx_conversations_created_at, idx_conversations_is_active, ix_conversations_created_at, ix_conversations_is_active;
DROP INDEX IF EXISTS idx_chat_messages_user_id, ix_chat_messages_user_id, idx_chat_messages_role, ix_chat_messages_role;
