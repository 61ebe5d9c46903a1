-- What happened that a security review wants to know: the legacy system's table, with its rows where there are any.
CREATE TABLE IF NOT EXISTS permission_audit_log (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_type varchar(100) NOT NULL,
    actor_id varchar(255),
    target_user_id varchar(255),
    target_type varchar(50),
    target_id varchar(500),
    permission_details jsonb NOT NULL DEFAULT '{}',
    event_timestamp timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ip_address inet,
    user_agent text
);

-- Of type uuid or text, as the legacy script at hand had it; text takes both.
ALTER TABLE permission_audit_log
    DROP CONSTRAINT IF EXISTS permission_audit_log_actor_id_fkey,
    DROP CONSTRAINT IF EXISTS permission_audit_log_target_user_id_fkey,
    ALTER COLUMN id SET DEFAULT gen_random_uuid(),
    ALTER COLUMN actor_id TYPE varchar(255) USING actor_id::text,
    ALTER COLUMN actor_id DROP NOT NULL,
    ALTER COLUMN target_user_id TYPE varchar(255) USING target_user_id::text,
    ALTER COLUMN permission_details SET DEFAULT '{}',
    ALTER COLUMN event_timestamp TYPE timestamp,
    ALTER COLUMN event_timestamp SET DEFAULT (now() AT TIME ZONE 'utc');

CREATE INDEX IF NOT EXISTS idx_permission_audit_log_time ON permission_audit_log (event_timestamp DESC, id);
CREATE INDEX IF NOT EXISTS idx_permission_audit_log_actor ON permission_audit_log (actor_id, event_timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_permission_audit_log_target ON permission_audit_log (target_user_id, event_timestamp DESC);
