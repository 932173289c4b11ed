-- +goose Up

-- The last use stands in the token's own row, so that lists need no second look-up.
ALTER TABLE token ADD COLUMN last_used_address TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Room in each page for a row's next version: then no index need be touched.
ALTER TABLE token SET (fillfactor = 90);

-- How often a token was used on a day: days since 1970-01-01, in UTC.
CREATE TABLE token_use (
    token_id TEXT COLLATE "C" NOT NULL,
    day      BIGINT NOT NULL,
    uses     BIGINT NOT NULL,
    PRIMARY KEY (token_id, day)
) WITH (fillfactor = 80);
CREATE INDEX token_use_day ON token_use (day);

-- What is forgotten one day is found by when it was retired.
CREATE INDEX token_secret_retired ON token_secret (retired_at) WHERE retired_at > 0;
