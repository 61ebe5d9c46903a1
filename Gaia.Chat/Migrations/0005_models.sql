-- Which model a user wants for streams.
CREATE TABLE IF NOT EXISTS streaming_preferences (
    user_id uuid PRIMARY KEY,
    model_id varchar(100) NOT NULL,
    priority varchar(20) NOT NULL,
    vr_mode boolean NOT NULL,
    updated_at timestamp NOT NULL);

-- Since when a user looks at the performance figures: to reset them moves one's own beginning and takes nothing from others.
CREATE TABLE IF NOT EXISTS performance_views (
    user_id uuid PRIMARY KEY,
    since timestamp NOT NULL);
