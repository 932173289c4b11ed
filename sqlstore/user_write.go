package sqlstore

import (
	"context"
	"slices"

	"jeton"
)

const (
	userIDByName  = `SELECT id FROM users WHERE username = $1`
	userIDByEmail = `SELECT id FROM users WHERE email = $1 AND email <> ''`

	insertUser = `INSERT INTO users (` + userColumns + `, search)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
			$19, $20, $21, $22)`
	updateUser = `UPDATE users SET username = $2, email = $3, first_name = $4, last_name = $5, nickname = $6,
		position = $7, locale = $8, roles = $9, password_hash = $10, create_at = $11, update_at = $12, delete_at = $13,
		last_password_update = $14, is_bot = $15, bot_owner_id = $16, bot_description = $17,
		email_verified = $18, timezone = $19, last_login = $20, failed_attempts = $21, search = $22 WHERE id = $1`
	setLogIn = `UPDATE users SET last_login = $2, failed_attempts = 0,
		password_hash = CASE WHEN $3 = '' THEN password_hash ELSE $3 END WHERE id = $1`
	addFailure = `UPDATE users SET failed_attempts = failed_attempts + 1 WHERE id = $1`
	deleteUser = `DELETE FROM users WHERE id = $1`

	insertUserRole  = `INSERT INTO user_role (role, user_id) VALUES ($1, $2)`
	deleteUserRoles = `DELETE FROM user_role WHERE user_id = $1`
	userRoles       = `SELECT roles FROM users WHERE id = $1`

	deleteKnownAddresses = `DELETE FROM known_address WHERE user_id = $1`
	disableBotsOf        = `UPDATE users SET delete_at = $2, update_at = $2
		WHERE bot_owner_id = $1 AND bot_owner_id <> '' AND id <> $1 AND is_bot = TRUE AND delete_at = 0 RETURNING id`
)

func userArgs(u jeton.User) []any {
	return []any{
		u.ID, u.Username, u.Email, u.FirstName, u.LastName, u.Nickname, u.Position, u.Locale, putNames(u.Roles),
		u.PasswordHash, u.CreateAt, u.UpdateAt, u.DeleteAt, u.LastPasswordUpdate, u.IsBot, u.BotOwnerID, u.BotDescription,
		u.EmailVerified, putTimezone(u.Timezone), u.LastLogin, u.FailedAttempts, searchText(u),
	}
}

// AddUser implements jeton.UserWriter.
func (t *tx) AddUser(u jeton.User) error {
	if err := t.namesFree(u); err != nil {
		return err
	}
	if err := t.send(stmt(insertUser, userArgs(u)...)); err != nil {
		return err
	}
	return t.addUserRoles(u)
}

// SetUser implements jeton.UserWriter.
func (t *tx) SetUser(u jeton.User) error {
	before, err := find(t.ctx(), t, userRoles, u.ID, func(r row) (string, error) { return r.text(0), nil })
	if err != nil {
		return err
	}
	if err := t.namesFree(u); err != nil {
		return err
	}
	if err := mustTouch(t.exec(stmt(updateUser, userArgs(u)...))); err != nil || before == putNames(u.Roles) {
		return err
	}
	if err := t.send(stmt(deleteUserRoles, u.ID)); err != nil {
		return err
	}
	return t.addUserRoles(u)
}

// SetLogIn implements jeton.UserWriter.
func (t *tx) SetLogIn(id string, at int64, hash string) error {
	return mustTouch(t.exec(stmt(setLogIn, id, at, hash)))
}

// AddFailure implements jeton.Writer.
func (s *Store) AddFailure(ctx context.Context, userID string) error {
	return s.committer.behind(ctx, func(ctx context.Context, w link) error {
		return w.queue(ctx, stmt(addFailure, clean(userID)))
	})
}

func (t *tx) addUserRoles(u jeton.User) error {
	roles := slices.Clone(u.Roles)
	slices.Sort(roles)
	for _, role := range slices.Compact(roles) {
		if err := t.send(stmt(insertUserRole, role, u.ID)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) namesFree(u jeton.User) error {
	if err := t.free(userIDByName, u.Username, u.ID, jeton.ErrUsernameTaken); err != nil {
		return err
	}
	return t.free(userIDByEmail, u.Email, u.ID, jeton.ErrEmailTaken)
}

// ownerTokens asks for both at once: every creation of a token asks for it.
const ownerTokens = `SELECT ` + userColumns + `, (SELECT COUNT(*) FROM token t WHERE t.user_id = u.id)
	FROM users u WHERE u.id = $1`

// RemoveUser implements jeton.UserWriter.
func (t *tx) RemoveUser(id string, now int64) error {
	if err := t.removeByID(deleteUser, id); err != nil {
		return err
	}
	if err := t.send(stmt(retireSecretsOf, now, id)); err != nil {
		return err
	}
	if err := t.send(stmt(deleteUsesOf, id)); err != nil {
		return err
	}
	if _, err := t.deleteCounted(stmt(deleteTokensOf, id)); err != nil {
		return err
	}
	if err := t.RemoveSessionsOf(id, ""); err != nil {
		return err
	}
	for _, text := range []string{deleteUserRoles, deleteKnownAddresses} {
		if err := t.send(stmt(text, id)); err != nil {
			return err
		}
	}
	return nil
}

// DisableBotsOf implements jeton.UserWriter.
func (t *tx) DisableBotsOf(ownerID string, now int64) ([]string, error) {
	if !storable(ownerID) {
		return []string{}, nil
	}
	t.writes()
	ids, err := list(t.ctx(), t, stmt(disableBotsOf, ownerID, now), func(r row) (string, error) { return r.text(0), nil })
	slices.Sort(ids) // RETURNING has no order of its own
	return ids, err
}
