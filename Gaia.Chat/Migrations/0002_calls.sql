-- Every call of a model, whatever became of it: what it used, what it cost and where its time went. Written with the answer;
-- the times are completed once the answer is out.
--   route: the family and route that asked, such as v1.chat.
--   status: completed, cancelled (the client left, or stopped it) or failed (with error_type).
--   cost_usd: null when the model's price is not known.
--   *_us: microseconds; the stages add up to duration_us.
CREATE TABLE IF NOT EXISTS llm_calls (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    conversation_id uuid,
    message_id uuid,
    persona_id uuid,
    route varchar(40) NOT NULL,
    provider varchar(50) NOT NULL,
    model varchar(100) NOT NULL,
    status varchar(20) NOT NULL,
    error_type varchar(40),
    prompt_tokens integer NOT NULL,
    completion_tokens integer NOT NULL,
    usage_source varchar(20) NOT NULL,
    cost_usd numeric(20, 12),
    streamed boolean NOT NULL,
    fallback_used boolean NOT NULL,
    started_at timestamp NOT NULL,
    duration_us bigint NOT NULL,
    first_chunk_us bigint,
    authentication_us bigint NOT NULL DEFAULT 0,
    request_validation_us bigint NOT NULL DEFAULT 0,
    provider_selection_us bigint NOT NULL DEFAULT 0,
    streaming_setup_us bigint NOT NULL DEFAULT 0,
    llm_api_call_us bigint NOT NULL DEFAULT 0,
    response_processing_us bigint NOT NULL DEFAULT 0)
    -- Room for the completed times beside the row they replace.
    WITH (fillfactor = 70);

CREATE INDEX IF NOT EXISTS idx_llm_calls_started_at ON llm_calls (started_at DESC);
CREATE INDEX IF NOT EXISTS idx_llm_calls_user ON llm_calls (user_id, started_at DESC);

-- The answers that are being made now, on all replicas, but for those that take a moment. Nothing that must last: unlogged.
--   lease_until: renewed by the replica that makes the answer; once past, the replica is gone.
--   prompt_tokens, *_price: as counted by Gaia, and in USD for a token: what is billed if the replica dies.
--   stop_requested: whoever makes the answer ends it.
CREATE UNLOGGED TABLE IF NOT EXISTS chat_runs (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    conversation_id uuid,
    message_id uuid NOT NULL,
    question_id uuid NOT NULL,
    regenerates boolean NOT NULL,
    route varchar(40) NOT NULL,
    provider varchar(50) NOT NULL,
    model varchar(100) NOT NULL,
    prompt_tokens integer NOT NULL,
    input_price numeric,
    output_price numeric,
    background boolean NOT NULL,
    stop_requested boolean NOT NULL DEFAULT false,
    started_at timestamp NOT NULL,
    lease_until timestamp NOT NULL);
CREATE INDEX IF NOT EXISTS idx_chat_runs_conversation ON chat_runs (conversation_id);

-- What an answer in the background has said so far: for whoever watches it from another replica, and to be kept if its
-- own replica dies.
CREATE UNLOGGED TABLE IF NOT EXISTS chat_run_pieces (
    run_id uuid NOT NULL,
    ordinal bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (run_id, ordinal));

-- memory: null for a conversation with an id that clients know; 'user' for the one that clients without conversations share.
ALTER TABLE conversations ADD COLUMN IF NOT EXISTS memory varchar(20);
CREATE UNIQUE INDEX IF NOT EXISTS idx_conversations_memory ON conversations (user_id) WHERE memory = 'user' AND is_active;

-- superseded_at: when a message was edited or answered anew; from then on it is history.
ALTER TABLE chat_messages ADD COLUMN IF NOT EXISTS superseded_at timestamp;
