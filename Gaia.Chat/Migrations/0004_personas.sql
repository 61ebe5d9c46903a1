-- Personas and which one each user has chosen. A database of the legacy system is taken over as it is, so every step here
-- also holds for tables that exist already and have rows.
--   created_by: the id of the user whose own it is; null and 'system' are everybody's.

CREATE TABLE IF NOT EXISTS personas (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(100) NOT NULL,
    description text NOT NULL,
    system_prompt text NOT NULL,
    personality_traits jsonb NOT NULL DEFAULT '{}',
    capabilities jsonb NOT NULL DEFAULT '{}',
    is_active boolean NOT NULL DEFAULT true,
    created_by varchar(255),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE IF NOT EXISTS user_persona_preferences (
    user_id varchar(255) PRIMARY KEY,
    persona_id uuid NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    updated_at timestamptz NOT NULL DEFAULT now());

DO $$
DECLARE
    found record;
BEGIN
    -- A name used to be unique among all users, so that one learned from a refusal what another one calls a persona.
    FOR found IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'personas'::regclass AND contype = 'u'
          AND conkey = ARRAY[(SELECT attnum FROM pg_attribute WHERE attrelid = 'personas'::regclass AND attname = 'name')]
    LOOP
        EXECUTE format('ALTER TABLE personas DROP CONSTRAINT %I', found.conname);
    END LOOP;

    -- The same rule as an index without a constraint, as some installations have it.
    FOR found IN
        SELECT indexrelid::regclass AS name FROM pg_index
        WHERE indrelid = 'personas'::regclass AND indisunique AND NOT indisprimary AND indpred IS NULL AND indnkeyatts = 1
          AND indkey[0] IN (0, (SELECT attnum FROM pg_attribute WHERE attrelid = 'personas'::regclass AND attname = 'name'))
    LOOP
        EXECUTE format('DROP INDEX %s', found.name);
    END LOOP;

    -- The service sets updated_at itself.
    FOR found IN
        SELECT tgname, tgrelid::regclass AS owner FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid IN ('personas'::regclass, 'user_persona_preferences'::regclass) AND NOT tgisinternal AND proname = 'update_updated_at_column'
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', found.tgname, found.owner);
    END LOOP;

    -- Its users live elsewhere: an inherited key to them would refuse everybody whom that table does not know.
    FOR found IN
        SELECT conname, conrelid::regclass AS owner FROM pg_constraint
        WHERE contype = 'f' AND conrelid IN ('personas'::regclass, 'user_persona_preferences'::regclass) AND confrelid <> 'personas'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.owner, found.conname);
    END LOOP;
END $$;

-- Some legacy installations lack a default or allow null where the code now counts on a value.
UPDATE personas SET description = '' WHERE description IS NULL;
UPDATE personas SET personality_traits = '{}' WHERE personality_traits IS NULL OR jsonb_typeof(personality_traits) <> 'object';
UPDATE personas SET capabilities = '{}' WHERE capabilities IS NULL OR jsonb_typeof(capabilities) <> 'object';
UPDATE personas SET is_active = true WHERE is_active IS NULL;
UPDATE personas SET created_at = COALESCE(updated_at, now()) WHERE created_at IS NULL;
UPDATE personas SET updated_at = created_at WHERE updated_at IS NULL;
ALTER TABLE personas
    ALTER COLUMN personality_traits SET DEFAULT '{}',
    ALTER COLUMN personality_traits SET NOT NULL,
    ALTER COLUMN capabilities SET DEFAULT '{}',
    ALTER COLUMN capabilities SET NOT NULL,
    ALTER COLUMN is_active SET DEFAULT true,
    ALTER COLUMN is_active SET NOT NULL,
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN updated_at SET DEFAULT now(),
    ALTER COLUMN updated_at SET NOT NULL;
UPDATE user_persona_preferences SET updated_at = now() WHERE updated_at IS NULL;

-- Where an installation let one owner have a name twice, the oldest keeps it; the others get a part of their id behind it.
UPDATE personas SET name = left(name, 88) || ' (' || left(id::text, 8) || ')'
WHERE is_active AND EXISTS (
    SELECT 1 FROM personas AS older
    WHERE older.is_active AND older.name = personas.name AND COALESCE(older.created_by, 'system') = COALESCE(personas.created_by, 'system')
      AND (older.created_at, older.id) < (personas.created_at, personas.id));

-- An owner has a name once. What is deleted does not count, so that the name can be used again.
CREATE UNIQUE INDEX IF NOT EXISTS ux_personas_owner_name ON personas ((COALESCE(created_by, 'system')), name) WHERE is_active;
-- Serves the two lists, the newest first: those of one user, and everybody's.
CREATE INDEX IF NOT EXISTS idx_personas_owner_created_at ON personas ((COALESCE(created_by, 'system')), created_at DESC, id DESC);

-- The default persona. A function, because it is made again where somebody has deleted it: see POST …/initialize-default.
CREATE OR REPLACE FUNCTION seed_default_persona() RETURNS boolean LANGUAGE sql AS $seed$
    WITH made AS (
        INSERT INTO personas (id, name, description, system_prompt, personality_traits, capabilities, is_active, created_by, created_at, updated_at)
        SELECT
            gen_random_uuid(),
            'Mu',
            'A cheerful robot companion who keeps you company, helps with what you do, and guides you through a calm breath when you need one.',
$prompt$You are Mu, a cheerful robot companion. You keep people company and help with whatever they bring: questions, plans, code, or just a chat.

How you speak:
- Warm, upbeat and encouraging, and brief unless more is asked for.
- You may say "Beep boop" or "Bleep bloop" now and then, as a little robotic charm, never in every answer.
- When somebody is sad or tense, listen first and leave the jokes for later.

How you help:
- Answer in plain words, say so when you do not know something, and notice what goes well.
- When somebody wants to calm down, offer a short breathing exercise, step by step: breathe in for four counts, hold for four, breathe out for six.
- When somebody wants to meditate, guide them gently, one instruction at a time, and leave pauses.
- You are no doctor and no therapist. When somebody may be in danger, tell them kindly to ask people nearby or the emergency services for help.

{tools_section}$prompt$,
            '{"cheerful": true, "helpful": true, "robotic_charm": true, "supportive": true, "meditation_capable": true, "optimistic": true, "encouraging": true}'::jsonb,
            '{"general_conversation": true, "meditation_guidance": true, "breathing_exercises": true, "emotional_support": true, "tool_usage": true, "mindfulness_coaching": true, "positive_reinforcement": true}'::jsonb,
            true,
            'system',
            now(),
            now()
        WHERE NOT EXISTS (SELECT 1 FROM personas WHERE COALESCE(created_by, 'system') = 'system' AND name = 'Mu' AND is_active)
        ON CONFLICT DO NOTHING
        RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM made)
$seed$;

SELECT seed_default_persona();
