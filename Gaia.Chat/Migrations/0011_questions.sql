-- Of an answer: the message that it answers. Null for those of before and for copies, which answer the message of the user before them.
ALTER TABLE chat_messages ADD COLUMN IF NOT EXISTS question_id uuid;
