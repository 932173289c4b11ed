package sqlstore

import (
	"context"
	"errors"

	"jeton"
)

const (
	tokenCredentialColumns = `t.id, t.is_active, t.expires_at, t.create_at, t.scopes,
		u.id, u.username, u.roles, u.delete_at, u.is_bot, u.bot_owner_id`
	// A session has no state and no scopes of its own.
	sessionCredentialColumns = `t.id, TRUE, t.expires_at, t.create_at, NULL,
		u.id, u.username, u.roles, u.delete_at, u.is_bot, u.bot_owner_id, t.last_activity_at`

	tokenByDigest = `SELECT ` + tokenCredentialColumns + `
		FROM token_secret s JOIN token t ON t.id = s.token_id JOIN users u ON u.id = t.user_id
		WHERE s.digest = $1 AND s.retired_at = 0 AND (s.valid_until = 0 OR s.valid_until > $2)`
	sessionByDigest = `SELECT ` + sessionCredentialColumns + `
		FROM session t JOIN users u ON u.id = t.user_id WHERE t.digest = $1`

	// Whatever the secret of a token was, its digest stays for a while.
	secretKnown = `SELECT 1 FROM token_secret WHERE digest = $1`

	tokenCredentialByID = `SELECT ` + tokenCredentialColumns + `
		FROM token t JOIN users u ON u.id = t.user_id WHERE t.id = $1`
	sessionCredentialByID = `SELECT ` + sessionCredentialColumns + `
		FROM session t JOIN users u ON u.id = t.user_id WHERE t.id = $1`
)

// Credential implements jeton.CredentialReader: one statement, and one more for the secret
// of no token. One of unknown kind is looked for among tokens first.
func (s *Store) Credential(ctx context.Context, d jeton.Digest, kind jeton.Kind) (jeton.Credential, error) {
	c, err := jeton.Credential{}, jeton.ErrNotFound
	if kind == jeton.KindToken || kind == jeton.KindBare {
		c, err = credential(ctx, s.quick, jeton.KindToken, stmt(tokenByDigest, d[:], s.options.now()))
	}
	if errors.Is(err, jeton.ErrNotFound) && (kind == jeton.KindSession || kind == jeton.KindBare) {
		c, err = credential(ctx, s.quick, jeton.KindSession, stmt(sessionByDigest, d[:]))
	}
	if errors.Is(err, jeton.ErrNotFound) && (kind == jeton.KindToken || kind == jeton.KindBare) {
		err = s.unknown(ctx, d)
	}
	return c, err
}

// unknown tells a retired secret from one that never was.
func (s *Store) unknown(ctx context.Context, d jeton.Digest) error {
	if err := one(ctx, s.quick, stmt(secretKnown, d[:]), func(row) {}); err != nil {
		return err
	}
	return jeton.ErrRetired
}

var credentialByID = map[jeton.Kind]string{
	jeton.KindToken: tokenCredentialByID, jeton.KindSession: sessionCredentialByID,
}

func credential(ctx context.Context, src source, kind jeton.Kind, s statement) (c jeton.Credential, err error) {
	var unreadable error
	if err = one(ctx, src, s, func(r row) { c, unreadable = scanCredential(r, kind) }); err == nil {
		err = unreadable
	}
	return c, err
}

func scanCredential(r row, kind jeton.Kind) (jeton.Credential, error) {
	scopes, err := getScopes(r.null(4), r.text(4))
	if err != nil {
		return jeton.Credential{}, err
	}
	var active int64
	if kind == jeton.KindSession {
		active = r.int(11)
	}
	return jeton.Credential{
		LastActivityAt: active,
		Kind:           kind, ID: r.text(0), Active: r.bool(1), ExpiresAt: r.int(2), CreateAt: r.int(3), Scopes: scopes,
		Owner: jeton.Owner{
			ID: r.text(5), Username: r.text(6), Roles: getNames(r.text(7)), DeleteAt: r.int(8),
			IsBot: r.bool(9), BotOwnerID: r.text(10),
		},
	}, nil
}
