package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"jeton"
)

const (
	tokenCredentialColumns = `t.id, t.is_active, t.expires_at, t.create_at, t.scopes,
		u.id, u.username, u.roles, u.delete_at, u.is_bot, u.bot_owner_id`
	// A session has no state and no scopes of its own.
	sessionCredentialColumns = `t.id, TRUE, t.expires_at, t.create_at, NULL,
		u.id, u.username, u.roles, u.delete_at, u.is_bot, u.bot_owner_id`

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

// Credential implements jeton.Store: one statement, whatever the kind, and one
// more for the secret of no token.
func (s *Store) Credential(ctx context.Context, d jeton.Digest, kind jeton.Kind) (jeton.Credential, error) {
	switch kind {
	case jeton.KindToken:
		c, err := credential(ctx, s.quick.src, kind, tokenByDigest, d[:], s.options.now())
		if errors.Is(err, jeton.ErrNotFound) {
			err = s.unknown(ctx, d)
		}
		return c, err
	case jeton.KindSession:
		return credential(ctx, s.quick.src, kind, sessionByDigest, d[:])
	}
	return jeton.Credential{}, jeton.ErrNotFound
}

// unknown tells a retired secret from one that never was.
func (s *Store) unknown(ctx context.Context, d jeton.Digest) error {
	var one int
	if err := s.quick.src.one(ctx, secretKnown, []any{d[:]}, &one); err != nil {
		return err
	}
	return jeton.ErrRetired
}

var credentialByID = map[jeton.Kind]string{
	jeton.KindToken: tokenCredentialByID, jeton.KindSession: sessionCredentialByID,
}

func credential(ctx context.Context, src source, kind jeton.Kind, text string, args ...any) (c jeton.Credential, err error) {
	found := false
	err = src.each(ctx, text, args, func(r row) (err error) {
		found = true
		c, err = scanCredential(r, kind)
		return err
	})
	return c, orNotFound(found, err)
}

func scanCredential(r row, kind jeton.Kind) (jeton.Credential, error) {
	c := jeton.Credential{Kind: kind}
	var roles string
	var scopes sql.NullString
	err := r.Scan(&c.ID, &c.Active, &c.ExpiresAt, &c.CreateAt, &scopes,
		&c.Owner.ID, &c.Owner.Username, &roles, &c.Owner.DeleteAt, &c.Owner.IsBot, &c.Owner.BotOwnerID)
	if err != nil {
		return jeton.Credential{}, err
	}
	c.Owner.Roles = getNames(roles)
	c.Scopes, err = getScopes(scopes)
	return c, err
}
