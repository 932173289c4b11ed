package sqlstore

import (
	"context"

	"jeton"
)

const (
	userColumns = `id, username, email, first_name, last_name, nickname, position, locale, roles,
		password_hash, create_at, update_at, delete_at, last_password_update, is_bot, bot_owner_id, bot_description,
		email_verified, timezone, last_login, failed_attempts`

	userByID    = `SELECT ` + userColumns + ` FROM users WHERE id = $1`
	userByName  = `SELECT ` + userColumns + ` FROM users WHERE username = $1`
	userByEmail = `SELECT ` + userColumns + ` FROM users WHERE email = $1 AND email <> ''`

	selectUsers = `SELECT ` + userColumns + ` FROM users u`
	countUsers  = `SELECT COUNT(*) FROM users u`

	activeAdmins = `SELECT COUNT(*) FROM (
			SELECT 1 FROM user_role r JOIN users u ON u.id = r.user_id
			WHERE r.role = $1 AND u.is_bot = FALSE AND u.delete_at = 0 LIMIT 2
		) AS admin`
	botsOwned = `SELECT COUNT(*) FROM (
			SELECT 1 FROM users WHERE bot_owner_id = $1 AND bot_owner_id <> '' AND is_bot = TRUE LIMIT $2
		) AS bot`
	anyUser      = `SELECT EXISTS (SELECT 1 FROM users)`
	knownAddress = `SELECT EXISTS (SELECT 1 FROM known_address WHERE user_id = $1 AND address = $2 AND last_at >= $3)`

	knownNetworks = `SELECT address FROM known_address WHERE last_at >= $1 ORDER BY last_at DESC LIMIT $2`
)

const userWidth = 21 // of userColumns

// scanUser reads userColumns.
func scanUser(r row) jeton.User {
	return jeton.User{
		ID: r.text(0), Username: r.text(1), Email: r.text(2), FirstName: r.text(3), LastName: r.text(4), Nickname: r.text(5),
		Position: r.text(6), Locale: r.text(7), Roles: getNames(r.text(8)), PasswordHash: r.text(9),
		CreateAt: r.int(10), UpdateAt: r.int(11), DeleteAt: r.int(12), LastPasswordUpdate: r.int(13),
		IsBot: r.bool(14), BotOwnerID: r.text(15), BotDescription: r.text(16),
		EmailVerified: r.bool(17), Timezone: getTimezone(r.text(18)), LastLogin: r.int(19), FailedAttempts: r.int(20),
	}
}

func scanUserRow(r row) (jeton.User, error) { return scanUser(r), nil }

func findUser(ctx context.Context, src source, text, key string) (jeton.User, error) {
	return find(ctx, src, text, key, scanUserRow)
}

// User implements jeton.UserReader. Every request may have to wait for it.
func (s *Store) User(ctx context.Context, id string) (jeton.User, error) {
	return findUser(ctx, s.quick, userByID, id)
}

// UserByName implements jeton.UserReader.
func (s *Store) UserByName(ctx context.Context, username string) (jeton.User, error) {
	return findUser(ctx, s.lists, userByName, username)
}

// UserByEmail implements jeton.UserReader.
func (s *Store) UserByEmail(ctx context.Context, email string) (jeton.User, error) {
	return findUser(ctx, s.lists, userByEmail, email)
}

// User implements jeton.TxReader.
func (t *tx) User(id string) (jeton.User, error) { return findUser(t.ctx(), t, userByID, id) }

// UserByName implements jeton.TxReader.
func (t *tx) UserByName(username string) (jeton.User, error) {
	return findUser(t.ctx(), t, userByName, username)
}

// ActiveAdmins implements jeton.TxReader.
func (t *tx) ActiveAdmins() (int, error) {
	n, err := number(t.ctx(), t, stmt(activeAdmins, jeton.RoleSystemAdmin))
	return int(n), err
}

// BotsOwned implements jeton.TxReader.
func (t *tx) BotsOwned(ownerID string, limit int64) (int64, error) {
	if !storable(ownerID) {
		return 0, nil
	}
	return number(t.ctx(), t, stmt(botsOwned, ownerID, limit))
}

// AnyUser implements jeton.TxReader.
func (t *tx) AnyUser() (bool, error) { return yes(t.ctx(), t, stmt(anyUser)) }

// AnyUser reports whether there is a user at all.
func (s *Store) AnyUser(ctx context.Context) (bool, error) { return yes(ctx, s.lists, stmt(anyUser)) }

// KnownAddress implements jeton.UserReader.
func (s *Store) KnownAddress(ctx context.Context, userID, address string, since int64) (bool, error) {
	if !storable(userID) || !storable(address) {
		return false, nil
	}
	return yes(ctx, s.lists, stmt(knownAddress, userID, address, since))
}

// KnownNetworks implements jeton.UserReader.
func (s *Store) KnownNetworks(ctx context.Context, since, limit int64) ([]string, error) {
	return list(ctx, s.lists, stmt(knownNetworks, since, limit), func(r row) (string, error) { return r.text(0), nil })
}

// Users implements jeton.UserReader.
func (s *Store) Users(ctx context.Context, f jeton.UserFilter, offset, limit int64) ([]jeton.User, error) {
	order := "u.username"
	if f.ByCreate {
		order = "u.create_at, u.username"
	}
	return s.users(ctx, s.whereUsers(f), order, offset, limit)
}

// CountUsers implements jeton.UserReader.
func (s *Store) CountUsers(ctx context.Context, f jeton.UserFilter) (int64, error) {
	w := s.whereUsers(f)
	if w.nothing {
		return 0, nil
	}
	return number(ctx, s.lists, stmtOnce(countUsers+w.text(), w.args...))
}

// whereUsers returns the conditions of a filter.
func (s *Store) whereUsers(f jeton.UserFilter) where {
	w := s.where()
	if f.Active != nil {
		w.add(map[bool]string{true: "u.delete_at = 0", false: "u.delete_at <> 0"}[*f.Active])
	}
	if !f.Bots {
		w.add("u.is_bot = FALSE")
	}
	if f.Role != "" {
		w.addWith("u.id IN (SELECT r.user_id FROM user_role r WHERE r.role = ?)", f.Role)
	}
	if len(f.Roles) > 0 {
		w.addList("u.id IN (SELECT r.user_id FROM user_role r WHERE r.role IN (?))", f.Roles)
	}
	// An empty list of ids or names names no user.
	if f.IDs != nil {
		w.addList("u.id IN (?)", f.IDs)
	}
	if f.Names != nil {
		w.addList("u.username IN (?)", f.Names)
	}
	if f.Prefix != "" {
		w.addWith(`u.search LIKE ? ESCAPE '\'`, prefixPattern(f.Prefix))
	}
	if f.NewerMS != 0 {
		w.addWith("u.update_at > ?", f.NewerMS)
	}
	return w
}

// Bots implements jeton.UserReader.
func (s *Store) Bots(ctx context.Context, f jeton.BotFilter, offset, limit int64) ([]jeton.User, error) {
	w := s.where()
	w.add("u.is_bot = TRUE")
	if f.OwnerID != "" {
		w.addWith("u.bot_owner_id = ? AND u.bot_owner_id <> ''", f.OwnerID)
	}
	if !f.IncludeDeleted {
		w.add("u.delete_at = 0")
	}
	if f.OnlyOrphaned {
		w.add("EXISTS (SELECT 1 FROM users o WHERE o.id = u.bot_owner_id AND o.delete_at <> 0)")
	}
	return s.users(ctx, w, "u.create_at, u.username", offset, limit)
}
