-- What came with an answer beside its body: names and values in turn; and which of the requests with the key is being answered.
ALTER TABLE idempotent_answers ADD COLUMN IF NOT EXISTS headers text[], ADD COLUMN IF NOT EXISTS reservation uuid;
