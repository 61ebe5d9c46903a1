-- The last of the messages that a link shows, by when it was kept; null for links from before this, which go by times alone.
ALTER TABLE conversation_shares ADD COLUMN IF NOT EXISTS shown_ordinal bigint;
