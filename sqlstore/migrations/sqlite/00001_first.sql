-- +goose Up
CREATE TABLE head (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    epoch         TEXT    NOT NULL,
    position      BIGINT  NOT NULL, -- of the last event of the journal
    token_seq     BIGINT  NOT NULL, -- of the newest token ever made
    roles_version BIGINT  NOT NULL  -- grows with every change of a role
);

-- search holds "\n" and a field in lower case, for every field that a search looks into.
CREATE TABLE users (
    id                   TEXT    NOT NULL PRIMARY KEY,
    username             TEXT    NOT NULL,
    email                TEXT    NOT NULL,
    first_name           TEXT    NOT NULL,
    last_name            TEXT    NOT NULL,
    nickname             TEXT    NOT NULL,
    position             TEXT    NOT NULL,
    locale               TEXT    NOT NULL,
    roles                TEXT    NOT NULL, -- names, with a space between
    password_hash        TEXT    NOT NULL,
    create_at            BIGINT  NOT NULL,
    update_at            BIGINT  NOT NULL,
    delete_at            BIGINT  NOT NULL,
    last_password_update BIGINT  NOT NULL,
    is_bot               BOOLEAN NOT NULL,
    bot_owner_id         TEXT    NOT NULL,
    bot_description      TEXT    NOT NULL,
    search               TEXT    NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX users_username ON users (username);
CREATE UNIQUE INDEX users_email ON users (email) WHERE email <> '';
CREATE INDEX users_created ON users (create_at, username);
CREATE INDEX users_bot ON users (create_at, username) WHERE is_bot = TRUE;
CREATE INDEX users_bot_owner ON users (bot_owner_id) WHERE bot_owner_id <> '';

-- user_role repeats users.roles, so that "who has this role" is one look.
CREATE TABLE user_role (
    role    TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (role, user_id)
) WITHOUT ROWID;
CREATE INDEX user_role_user ON user_role (user_id);

CREATE TABLE role (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    display_name   TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    create_at      BIGINT  NOT NULL,
    update_at      BIGINT  NOT NULL,
    permissions    TEXT    NOT NULL, -- a JSON list
    scheme_managed BOOLEAN NOT NULL,
    built_in       BOOLEAN NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX role_name ON role (name);

-- A user's tokens lie side by side: the list of them, the commonest read, then
-- touches one page or two.
CREATE TABLE token (
    user_id      TEXT    NOT NULL,
    seq          BIGINT  NOT NULL,
    id           TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    is_active    BOOLEAN NOT NULL,
    create_at    BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL,
    last_used_at BIGINT  NOT NULL,
    scopes       TEXT, -- a JSON list; NULL: not narrowed
    created_by   TEXT    NOT NULL,
    created_via  TEXT    NOT NULL,
    hint         TEXT    NOT NULL,
    PRIMARY KEY (user_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX token_id ON token (id);
CREATE UNIQUE INDEX token_seq ON token (seq);
CREATE INDEX token_created_via ON token (created_via) WHERE created_via <> '';

-- Secrets outlive their token, retired, so that one that comes back is known.
CREATE TABLE token_secret (
    digest      BLOB   NOT NULL PRIMARY KEY,
    token_id    TEXT   NOT NULL,
    valid_until BIGINT NOT NULL, -- 0: as long as the token
    retired_at  BIGINT NOT NULL  -- 0: in use
) WITHOUT ROWID;
CREATE INDEX token_secret_token ON token_secret (token_id);

-- How many tokens lie in each stretch of seq, at three sizes: see counts.go.
CREATE TABLE token_count (
    level  INTEGER NOT NULL,
    bucket BIGINT  NOT NULL,
    n      BIGINT  NOT NULL,
    PRIMARY KEY (level, bucket)
) WITHOUT ROWID;

CREATE TABLE session (
    id               TEXT   NOT NULL PRIMARY KEY,
    user_id          TEXT   NOT NULL,
    digest           BLOB   NOT NULL,
    create_at        BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    device_id        TEXT   NOT NULL,
    address          TEXT   NOT NULL,
    user_agent       TEXT   NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX session_digest ON session (digest);
CREATE INDEX session_owner ON session (user_id);

CREATE TABLE known_address (
    user_id TEXT   NOT NULL,
    address TEXT   NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, address)
) WITHOUT ROWID;

CREATE TABLE journal (
    position INTEGER PRIMARY KEY, -- the rowid itself: appended to, never searched for
    at       BIGINT NOT NULL,
    actor    TEXT   NOT NULL,
    via      TEXT   NOT NULL,
    action   TEXT   NOT NULL,
    target   TEXT   NOT NULL,
    detail   TEXT   NOT NULL
);
CREATE INDEX journal_actor ON journal (actor); -- the position is in every index of the table
