-- What came with an answer beside its body: names and values in turn.
ALTER TABLE idempotent_answers ADD COLUMN IF NOT EXISTS headers text[];
