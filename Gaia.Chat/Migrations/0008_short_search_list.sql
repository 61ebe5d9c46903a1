-- New words wait in a list, which whoever finds it full sorts into the index. At the default of 4 MB one message in some thousands
-- took 70 ms for it, and whatever was committed together with it waited too. kB.
ALTER INDEX IF EXISTS idx_chat_messages_search SET (gin_pending_list_limit = 256);
