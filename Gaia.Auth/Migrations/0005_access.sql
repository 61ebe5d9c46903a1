-- Roles, permissions and what they are granted to, as the legacy system's fourth migration made them, so that its tables are
-- taken over with their rows: what is there stays, what is missing is added. Times are UTC without a zone.
--
-- A grant without a context holds everywhere; the legacy key of user_roles forbids NULL there, so that "everywhere" is the
-- context 'global' with an empty id (NULL and '' are read the same).

CREATE TABLE IF NOT EXISTS roles (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(100) NOT NULL UNIQUE,
    display_name varchar(255) NOT NULL,
    description text,
    role_type varchar(50) NOT NULL DEFAULT 'custom' CHECK (role_type IN ('system', 'custom', 'team', 'workspace')),
    is_active boolean DEFAULT true,
    metadata jsonb DEFAULT '{}',
    created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc')
);

CREATE TABLE IF NOT EXISTS permissions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    resource_type varchar(100) NOT NULL,
    resource_path varchar(500),
    action varchar(50) NOT NULL,
    description text,
    created_at timestamp DEFAULT (now() AT TIME ZONE 'utc')
);

CREATE TABLE IF NOT EXISTS role_permissions (
    role_id uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    permission_id uuid NOT NULL REFERENCES permissions (id) ON DELETE CASCADE,
    granted_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    granted_by uuid,
    PRIMARY KEY (role_id, permission_id)
);

CREATE TABLE IF NOT EXISTS user_roles (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_id uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    context_type varchar(50) NOT NULL DEFAULT 'global',
    context_id varchar(500) NOT NULL DEFAULT '',
    assigned_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    assigned_by uuid,
    expires_at timestamp,
    PRIMARY KEY (user_id, role_id, context_type, context_id)
);

CREATE TABLE IF NOT EXISTS user_permissions (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission_id uuid NOT NULL REFERENCES permissions (id) ON DELETE CASCADE,
    granted boolean NOT NULL DEFAULT true,
    context_type varchar(50) NOT NULL DEFAULT 'global',
    context_id varchar(500) NOT NULL DEFAULT '',
    granted_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    granted_by uuid,
    expires_at timestamp,
    PRIMARY KEY (user_id, permission_id, context_type, context_id)
);

CREATE TABLE IF NOT EXISTS teams (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(100) NOT NULL UNIQUE,
    display_name varchar(255) NOT NULL,
    description text,
    parent_team_id uuid REFERENCES teams (id) ON DELETE SET NULL,
    metadata jsonb DEFAULT '{}',
    is_active boolean DEFAULT true,
    created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    created_by uuid,
    updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc')
);

CREATE TABLE IF NOT EXISTS team_members (
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    team_role varchar(50) NOT NULL DEFAULT 'member' CHECK (team_role IN ('owner', 'admin', 'member', 'viewer')),
    joined_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    invited_by uuid,
    PRIMARY KEY (team_id, user_id)
);

CREATE TABLE IF NOT EXISTS workspaces (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(100) NOT NULL UNIQUE,
    display_name varchar(255) NOT NULL,
    description text,
    workspace_type varchar(50) NOT NULL DEFAULT 'project' CHECK (workspace_type IN ('project', 'incident', 'research')),
    status varchar(50) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'completed', 'expired')),
    metadata jsonb DEFAULT '{}',
    created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    created_by uuid,
    archived_at timestamp,
    expires_at timestamp
);

CREATE TABLE IF NOT EXISTS workspace_members (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    joined_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    invited_by uuid,
    PRIMARY KEY (workspace_id, user_id)
);

CREATE TABLE IF NOT EXISTS shared_resources (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    resource_type varchar(100) NOT NULL,
    resource_id varchar(500) NOT NULL,
    shared_by uuid NOT NULL,
    share_name varchar(255),
    share_message text,
    share_type varchar(50) DEFAULT 'direct' CHECK (share_type IN ('direct', 'link', 'public')),
    permissions text[] NOT NULL,
    created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    expires_at timestamp,
    access_count integer DEFAULT 0,
    metadata jsonb DEFAULT '{}',
    is_active boolean DEFAULT true
);

CREATE TABLE IF NOT EXISTS resource_permissions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    resource_type varchar(100) NOT NULL,
    resource_id varchar(500) NOT NULL,
    principal_type varchar(50) NOT NULL CHECK (principal_type IN ('user', 'team', 'workspace', 'role')),
    principal_id varchar(500) NOT NULL,
    permissions text[] NOT NULL,
    granted_by uuid,
    granted_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    expires_at timestamp,
    metadata jsonb DEFAULT '{}',
    UNIQUE (resource_type, resource_id, principal_type, principal_id)
);

-- An earlier variant of the legacy tables has other names for some columns and lacks others.
ALTER TABLE roles
    ADD COLUMN IF NOT EXISTS display_name varchar(255),
    ADD COLUMN IF NOT EXISTS description text,
    ADD COLUMN IF NOT EXISTS role_type varchar(50) DEFAULT 'custom',
    ADD COLUMN IF NOT EXISTS is_active boolean DEFAULT true,
    ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc');
ALTER TABLE permissions
    ADD COLUMN IF NOT EXISTS resource_path varchar(500),
    ADD COLUMN IF NOT EXISTS description text,
    ADD COLUMN IF NOT EXISTS created_at timestamp DEFAULT (now() AT TIME ZONE 'utc');
ALTER TABLE role_permissions
    ADD COLUMN IF NOT EXISTS granted_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS granted_by uuid;
ALTER TABLE user_roles
    ADD COLUMN IF NOT EXISTS context_type varchar(50) DEFAULT 'global',
    ADD COLUMN IF NOT EXISTS context_id varchar(500) DEFAULT '',
    ADD COLUMN IF NOT EXISTS assigned_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS assigned_by uuid,
    ADD COLUMN IF NOT EXISTS expires_at timestamp,
    ALTER COLUMN context_type SET DEFAULT 'global',
    ALTER COLUMN context_id SET DEFAULT '';
ALTER TABLE user_permissions
    ADD COLUMN IF NOT EXISTS granted boolean NOT NULL DEFAULT true,
    ADD COLUMN IF NOT EXISTS context_type varchar(50) DEFAULT 'global',
    ADD COLUMN IF NOT EXISTS context_id varchar(500) DEFAULT '',
    ADD COLUMN IF NOT EXISTS granted_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS granted_by uuid,
    ADD COLUMN IF NOT EXISTS expires_at timestamp,
    ALTER COLUMN context_type SET DEFAULT 'global',
    ALTER COLUMN context_id SET DEFAULT '';
ALTER TABLE teams
    ADD COLUMN IF NOT EXISTS display_name varchar(255),
    ADD COLUMN IF NOT EXISTS description text,
    ADD COLUMN IF NOT EXISTS parent_team_id uuid REFERENCES teams (id) ON DELETE SET NULL,
    ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS is_active boolean DEFAULT true,
    ADD COLUMN IF NOT EXISTS created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS created_by uuid,
    ADD COLUMN IF NOT EXISTS updated_at timestamp DEFAULT (now() AT TIME ZONE 'utc');
ALTER TABLE team_members
    ADD COLUMN IF NOT EXISTS team_role varchar(50) NOT NULL DEFAULT 'member',
    ADD COLUMN IF NOT EXISTS joined_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS invited_by uuid;
ALTER TABLE workspaces
    ADD COLUMN IF NOT EXISTS display_name varchar(255),
    ADD COLUMN IF NOT EXISTS description text,
    ADD COLUMN IF NOT EXISTS workspace_type varchar(50) DEFAULT 'project',
    ADD COLUMN IF NOT EXISTS status varchar(50) DEFAULT 'active',
    ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS created_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS created_by uuid,
    ADD COLUMN IF NOT EXISTS archived_at timestamp,
    ADD COLUMN IF NOT EXISTS expires_at timestamp;
ALTER TABLE workspace_members
    ADD COLUMN IF NOT EXISTS joined_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS invited_by uuid;
ALTER TABLE resource_permissions
    ADD COLUMN IF NOT EXISTS granted_by uuid,
    ADD COLUMN IF NOT EXISTS granted_at timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    ADD COLUMN IF NOT EXISTS expires_at timestamp,
    ADD COLUMN IF NOT EXISTS metadata jsonb DEFAULT '{}';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'roles' AND column_name = 'type') THEN
        ALTER TABLE roles ALTER COLUMN type DROP NOT NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'team_members' AND column_name = 'role') THEN
        ALTER TABLE team_members ALTER COLUMN role DROP NOT NULL;
        UPDATE team_members SET team_role = role WHERE role IN ('owner', 'admin', 'member', 'viewer');
    END IF;
END
$$;
UPDATE roles SET display_name = name WHERE display_name IS NULL;
UPDATE teams SET display_name = name WHERE display_name IS NULL;
UPDATE workspaces SET display_name = name WHERE display_name IS NULL;

-- Ids kept by an extension that is gone, as in the migration of users.
ALTER TABLE roles ALTER COLUMN id SET DEFAULT gen_random_uuid();
ALTER TABLE permissions ALTER COLUMN id SET DEFAULT gen_random_uuid();
ALTER TABLE teams ALTER COLUMN id SET DEFAULT gen_random_uuid();
ALTER TABLE workspaces ALTER COLUMN id SET DEFAULT gen_random_uuid();
ALTER TABLE resource_permissions ALTER COLUMN id SET DEFAULT gen_random_uuid();

CREATE INDEX IF NOT EXISTS idx_user_roles_role_id ON user_roles (role_id);
CREATE INDEX IF NOT EXISTS idx_user_permissions_user_id ON user_permissions (user_id);
CREATE INDEX IF NOT EXISTS idx_team_members_user_id ON team_members (user_id);
CREATE INDEX IF NOT EXISTS idx_teams_parent_team_id ON teams (parent_team_id);
CREATE INDEX IF NOT EXISTS idx_workspace_members_user_id ON workspace_members (user_id);
CREATE INDEX IF NOT EXISTS idx_resource_permissions_principal ON resource_permissions (principal_type, principal_id);
-- For the cleanup.
CREATE INDEX IF NOT EXISTS idx_user_roles_expires_at ON user_roles (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_user_permissions_expires_at ON user_permissions (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_resource_permissions_expires_at ON resource_permissions (expires_at) WHERE expires_at IS NOT NULL;

CREATE OR REPLACE TRIGGER update_roles_updated_at BEFORE UPDATE ON roles
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
CREATE OR REPLACE TRIGGER update_teams_updated_at BEFORE UPDATE ON teams
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- The seeds.
INSERT INTO roles (name, display_name, description, role_type, is_active) VALUES
    ('super_admin', 'Super administrator', 'Everything', 'system', true),
    ('admin', 'Administrator', 'Everything but the system itself', 'system', true),
    ('developer', 'Developer', 'API, knowledge base, chat and assets, without deleting', 'system', true),
    ('analyst', 'Analyst', 'Nothing by itself', 'system', true),
    ('user', 'User', 'Chat, assets and an own part of the knowledge base', 'system', true),
    ('viewer', 'Viewer', 'Reads chats and the shared knowledge base', 'system', true),
    ('guest', 'Guest', 'Reads chats and the shared knowledge base', 'system', true),
    ('kb_admin', 'Knowledge base administrator', 'The whole knowledge base', 'system', true),
    ('kb_editor', 'Knowledge base editor', 'Reads, writes, deletes and shares in the whole knowledge base', 'system', true),
    ('kb_contributor', 'Knowledge base contributor', 'Reads and writes in the whole knowledge base', 'system', true),
    ('kb_viewer', 'Knowledge base viewer', 'Reads the whole knowledge base', 'system', true)
ON CONFLICT (name) DO NOTHING;
UPDATE roles SET role_type = 'system' WHERE role_type IS DISTINCT FROM 'system' AND name IN (
    'super_admin', 'admin', 'developer', 'analyst', 'user', 'viewer', 'guest', 'kb_admin', 'kb_editor', 'kb_contributor', 'kb_viewer');

INSERT INTO permissions (resource_type, resource_path, action, description)
SELECT seed.* FROM (VALUES
    ('kb', '/kb/*', 'read', 'Read the whole knowledge base'),
    ('kb', '/kb/*', 'write', 'Write in the whole knowledge base'),
    ('kb', '/kb/*', 'delete', 'Delete in the whole knowledge base'),
    ('kb', '/kb/*', 'share', 'Share anything of the knowledge base'),
    ('kb', '/kb/*', 'admin', 'Administer the knowledge base'),
    ('kb', '/kb/users/{user_id}/*', 'read', 'Read one''s own part of the knowledge base'),
    ('kb', '/kb/users/{user_id}/*', 'write', 'Write in one''s own part of the knowledge base'),
    ('kb', '/kb/shared/*', 'read', 'Read the shared knowledge base'),
    ('api', '/api/v1/chat/*', 'access', 'Use the chat API'),
    ('api', '/api/v1/assets/*', 'access', 'Use the asset API'),
    ('api', '/api/v1/auth/*', 'access', 'Use the API of one''s own account'),
    ('api', '/api/v1/admin/*', 'access', 'Use the administration API'),
    ('chat', '*', 'create', 'Chat'),
    ('chat', '*', 'read', 'Read chats'),
    ('chat', '*', 'delete', 'Delete anybody''s chats'),
    ('asset', '*', 'create', 'Make assets'),
    ('asset', '*', 'read', 'Read assets'),
    ('asset', '*', 'delete', 'Delete assets'),
    ('admin', '*', 'users', 'Administer users, teams and workspaces'),
    ('admin', '*', 'roles', 'Administer roles'),
    ('admin', '*', 'permissions', 'Administer permissions'),
    ('admin', '*', 'system', 'Administer the system')) AS seed (resource_type, resource_path, action, description)
WHERE NOT EXISTS (
    SELECT 1 FROM permissions known
    WHERE (known.resource_type, known.resource_path, known.action) = (seed.resource_type, seed.resource_path, seed.action));

-- The legacy grants, but for these: `user` has no way into the administration, viewer and guest may read, and the roles of
-- the knowledge base do what they are called. They are for whom somebody chose, so they see private parts too.
INSERT INTO role_permissions (role_id, permission_id)
SELECT roles.id, permission.id FROM roles, permissions permission
WHERE (permission.resource_type, permission.resource_path, permission.action) IN (
        ('kb', '/kb/*', 'read'), ('kb', '/kb/*', 'write'), ('kb', '/kb/*', 'delete'), ('kb', '/kb/*', 'share'), ('kb', '/kb/*', 'admin'),
        ('kb', '/kb/users/{user_id}/*', 'read'), ('kb', '/kb/users/{user_id}/*', 'write'), ('kb', '/kb/shared/*', 'read'),
        ('api', '/api/v1/chat/*', 'access'), ('api', '/api/v1/assets/*', 'access'), ('api', '/api/v1/auth/*', 'access'), ('api', '/api/v1/admin/*', 'access'),
        ('chat', '*', 'create'), ('chat', '*', 'read'), ('chat', '*', 'delete'),
        ('asset', '*', 'create'), ('asset', '*', 'read'), ('asset', '*', 'delete'),
        ('admin', '*', 'users'), ('admin', '*', 'roles'), ('admin', '*', 'permissions'), ('admin', '*', 'system'))
  AND CASE roles.name
        WHEN 'super_admin' THEN true
        WHEN 'admin' THEN NOT (permission.resource_type = 'admin' AND permission.action = 'system')
        WHEN 'developer' THEN permission.resource_type IN ('api', 'kb', 'chat', 'asset') AND permission.action IN ('access', 'read', 'write', 'create')
        WHEN 'user' THEN permission.resource_path IN ('/kb/users/{user_id}/*', '/kb/shared/*', '/api/v1/chat/*', '/api/v1/assets/*', '/api/v1/auth/*')
            OR (permission.resource_type IN ('chat', 'asset') AND permission.action IN ('create', 'read'))
        WHEN 'viewer' THEN permission.resource_path IN ('/kb/shared/*', '/api/v1/chat/*') OR (permission.resource_type = 'chat' AND permission.action = 'read')
        WHEN 'guest' THEN permission.resource_path IN ('/kb/shared/*', '/api/v1/chat/*') OR (permission.resource_type = 'chat' AND permission.action = 'read')
        WHEN 'kb_admin' THEN permission.resource_path = '/kb/*'
        WHEN 'kb_editor' THEN permission.resource_path = '/kb/*' AND permission.action <> 'admin'
        WHEN 'kb_contributor' THEN permission.resource_path = '/kb/*' AND permission.action IN ('read', 'write')
        WHEN 'kb_viewer' THEN permission.resource_path = '/kb/*' AND permission.action = 'read'
        ELSE false
      END
ON CONFLICT DO NOTHING;

DELETE FROM role_permissions USING roles, permissions
WHERE roles.id = role_permissions.role_id AND permissions.id = role_permissions.permission_id
  AND roles.name = 'user' AND permissions.resource_type = 'api' AND permissions.resource_path = '/api/v1/admin/*';

-- Who is in none of the everyday roles is a user. So is whoever comes later, however that happens.
INSERT INTO user_roles (user_id, role_id, context_type, context_id)
SELECT users.id, roles.id, 'global', '' FROM users, roles
WHERE roles.name = 'user' AND NOT EXISTS (
    SELECT 1 FROM user_roles held JOIN roles everyday ON everyday.id = held.role_id
    WHERE held.user_id = users.id AND coalesce(held.context_type, '') IN ('', 'global')
      AND everyday.name IN ('super_admin', 'admin', 'developer', 'user', 'viewer', 'guest'));

CREATE OR REPLACE FUNCTION give_new_user_a_role() RETURNS trigger AS $$
BEGIN
    INSERT INTO user_roles (user_id, role_id, context_type, context_id)
    SELECT NEW.id, roles.id, 'global', '' FROM roles WHERE roles.name = 'user'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;
CREATE OR REPLACE TRIGGER give_new_user_a_role AFTER INSERT ON users
    FOR EACH ROW EXECUTE FUNCTION give_new_user_a_role();

-- A user's teams, with those above them: what is granted to a team holds for the teams in it. UNION ends at a cycle.
CREATE OR REPLACE FUNCTION access_teams(of_user uuid) RETURNS TABLE (team_id uuid) AS $$
    WITH RECURSIVE mine AS (
        SELECT teams.id, teams.parent_team_id
        FROM team_members JOIN teams ON teams.id = team_members.team_id
        WHERE team_members.user_id = of_user AND teams.is_active IS NOT FALSE
        UNION
        SELECT parent.id, parent.parent_team_id
        FROM mine JOIN teams parent ON parent.id = mine.parent_team_id
        WHERE parent.is_active IS NOT FALSE)
    SELECT id FROM mine
$$ LANGUAGE sql STABLE ROWS 5;

CREATE OR REPLACE FUNCTION access_workspaces(of_user uuid) RETURNS TABLE (workspace_id uuid, expires_at timestamp) AS $$
    SELECT workspaces.id, workspaces.expires_at
    FROM workspace_members JOIN workspaces ON workspaces.id = workspace_members.workspace_id
    WHERE workspace_members.user_id = of_user AND coalesce(workspaces.status, 'active') = 'active'
$$ LANGUAGE sql STABLE ROWS 5;

-- A disabled user is refused with every credential.
ALTER TABLE users ADD COLUMN IF NOT EXISTS disabled_at timestamp;

-- What an internal token says of its user beside the credential: the roles held everywhere, the teams, the workspaces.
CREATE OR REPLACE FUNCTION access_summary(of_user uuid, at_time timestamp, OUT roles text[], OUT team_ids text[], OUT workspace_ids text[]) AS $$
    SELECT
        ARRAY(
            SELECT DISTINCT role.name::text FROM user_roles held JOIN roles role ON role.id = held.role_id
            WHERE held.user_id = of_user AND role.is_active IS NOT FALSE AND coalesce(held.context_type, '') IN ('', 'global')
              AND (held.expires_at IS NULL OR held.expires_at > at_time)
            ORDER BY 1),
        ARRAY(SELECT team_id::text FROM access_teams(of_user) ORDER BY 1),
        ARRAY(SELECT workspace_id::text FROM access_workspaces(of_user) WHERE expires_at IS NULL OR expires_at > at_time ORDER BY 1)
$$ LANGUAGE sql STABLE;

-- The audit log is written once. Only its retention deletes, and says so in its transaction.
CREATE OR REPLACE FUNCTION keep_audit_log() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('gaia.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'permission_audit_log is append-only' USING ERRCODE = 'insufficient_privilege';
END;
$$ LANGUAGE plpgsql;
CREATE OR REPLACE TRIGGER keep_audit_log BEFORE UPDATE OR DELETE ON permission_audit_log
    FOR EACH ROW EXECUTE FUNCTION keep_audit_log();
CREATE OR REPLACE TRIGGER keep_whole_audit_log BEFORE TRUNCATE ON permission_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_log();
