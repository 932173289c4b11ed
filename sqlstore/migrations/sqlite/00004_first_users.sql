-- +goose Up

ALTER TABLE users ADD COLUMN email_verified  BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN timezone        TEXT    NOT NULL DEFAULT ''; -- a JSON object of texts; '': the default
ALTER TABLE users ADD COLUMN last_login      BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN failed_attempts BIGINT  NOT NULL DEFAULT 0; -- wrong passwords since the last right one

-- What the journal is asked for has columns of its own.
ALTER TABLE journal ADD COLUMN owner   TEXT    NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN refused BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE journal SET owner = COALESCE(json_extract(detail, '$.owner'), ''), refused = COALESCE(json_extract(detail, '$.refused'), FALSE)
    WHERE detail LIKE '%"owner"%' OR detail LIKE '%"refused"%';
CREATE INDEX journal_owner ON journal (owner, position) WHERE owner <> '';
CREATE INDEX journal_target ON journal (target, position);
CREATE INDEX journal_refused ON journal (at) WHERE refused;

-- What is over is found by when it ended.
CREATE INDEX token_expires ON token (expires_at) WHERE expires_at > 0;
CREATE INDEX session_expires ON session (expires_at);
CREATE INDEX known_address_last ON known_address (last_at);
