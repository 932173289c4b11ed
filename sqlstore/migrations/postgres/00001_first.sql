-- +goose Up
-- Text compares by its bytes, as on SQLite, whatever the locale of the cluster.
CREATE TABLE head (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    epoch         TEXT COLLATE "C" NOT NULL,
    position      BIGINT  NOT NULL, -- of the last event of the journal
    token_seq     BIGINT  NOT NULL, -- of the newest token ever made
    roles_version BIGINT  NOT NULL  -- grows with every change of a role
) WITH (fillfactor = 20);

-- search holds "\n" and a field in lower case, for every field that a search looks into.
CREATE TABLE users (
    id                   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username             TEXT COLLATE "C" NOT NULL,
    email                TEXT COLLATE "C" NOT NULL,
    first_name           TEXT COLLATE "C" NOT NULL,
    last_name            TEXT COLLATE "C" NOT NULL,
    nickname             TEXT COLLATE "C" NOT NULL,
    position             TEXT COLLATE "C" NOT NULL,
    locale               TEXT COLLATE "C" NOT NULL,
    roles                TEXT COLLATE "C" NOT NULL, -- names, with a space between
    password_hash        TEXT COLLATE "C" NOT NULL,
    create_at            BIGINT  NOT NULL,
    update_at            BIGINT  NOT NULL,
    delete_at            BIGINT  NOT NULL,
    last_password_update BIGINT  NOT NULL,
    is_bot               BOOLEAN NOT NULL,
    bot_owner_id         TEXT COLLATE "C" NOT NULL,
    bot_description      TEXT COLLATE "C" NOT NULL,
    search               TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX users_username ON users (username);
CREATE UNIQUE INDEX users_email ON users (email) WHERE email <> '';
CREATE INDEX users_created ON users (create_at, username);
CREATE INDEX users_bot ON users (create_at, username) WHERE is_bot;
CREATE INDEX users_bot_owner ON users (bot_owner_id) WHERE bot_owner_id <> '';

-- user_role repeats users.roles, so that "who has this role" is one look.
CREATE TABLE user_role (
    role    TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (role, user_id)
);
CREATE INDEX user_role_user ON user_role (user_id);

CREATE TABLE role (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name           TEXT COLLATE "C" NOT NULL,
    display_name   TEXT COLLATE "C" NOT NULL,
    description    TEXT COLLATE "C" NOT NULL,
    create_at      BIGINT  NOT NULL,
    update_at      BIGINT  NOT NULL,
    permissions    TEXT COLLATE "C" NOT NULL, -- a JSON list
    scheme_managed BOOLEAN NOT NULL,
    built_in       BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX role_name ON role (name);

CREATE TABLE token (
    user_id      TEXT COLLATE "C" NOT NULL,
    seq          BIGINT  NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    description  TEXT COLLATE "C" NOT NULL,
    is_active    BOOLEAN NOT NULL,
    create_at    BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL,
    last_used_at BIGINT  NOT NULL,
    scopes       TEXT COLLATE "C", -- a JSON list; NULL: not narrowed
    created_by   TEXT COLLATE "C" NOT NULL,
    created_via  TEXT COLLATE "C" NOT NULL,
    hint         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, seq)
);
CREATE UNIQUE INDEX token_id ON token (id);
CREATE UNIQUE INDEX token_seq ON token (seq);
CREATE INDEX token_created_via ON token (created_via) WHERE created_via <> '';

-- Secrets outlive their token, retired, so that one that comes back is known.
CREATE TABLE token_secret (
    digest      BYTEA  NOT NULL PRIMARY KEY,
    token_id    TEXT COLLATE "C" NOT NULL,
    valid_until BIGINT NOT NULL, -- 0: as long as the token
    retired_at  BIGINT NOT NULL  -- 0: in use
);
CREATE INDEX token_secret_token ON token_secret (token_id);

-- How many tokens lie in each stretch of seq, at three sizes: see counts.go.
CREATE TABLE token_count (
    level  INTEGER NOT NULL,
    bucket BIGINT  NOT NULL,
    n      BIGINT  NOT NULL,
    PRIMARY KEY (level, bucket)
) WITH (fillfactor = 50);

CREATE TABLE session (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id          TEXT COLLATE "C" NOT NULL,
    digest           BYTEA  NOT NULL,
    create_at        BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    device_id        TEXT COLLATE "C" NOT NULL,
    address          TEXT COLLATE "C" NOT NULL,
    user_agent       TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX session_digest ON session (digest);
CREATE INDEX session_owner ON session (user_id);

CREATE TABLE known_address (
    user_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, address)
);

CREATE TABLE journal (
    position BIGINT NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor    TEXT COLLATE "C" NOT NULL,
    via      TEXT COLLATE "C" NOT NULL,
    action   TEXT COLLATE "C" NOT NULL,
    target   TEXT COLLATE "C" NOT NULL,
    detail   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX journal_actor ON journal (actor, position);
