package sqlstore

import (
	"context"
	"strconv"
	"strings"

	"jeton"
)

const (
	userColumns = `id, username, email, first_name, last_name, nickname, position, locale, roles,
		password_hash, create_at, update_at, delete_at, last_password_update, is_bot, bot_owner_id, bot_description`

	userByID    = `SELECT ` + userColumns + ` FROM users WHERE id = $1`
	userByName  = `SELECT ` + userColumns + ` FROM users WHERE username = $1`
	userByEmail = `SELECT ` + userColumns + ` FROM users WHERE email = $1 AND email <> ''`

	selectUsers = `SELECT ` + userColumns + ` FROM users u`

	activeAdmins = `SELECT COUNT(*) FROM (
			SELECT 1 FROM user_role r JOIN users u ON u.id = r.user_id
			WHERE r.role = $1 AND u.is_bot = FALSE AND u.delete_at = 0 LIMIT 2
		) AS admin`
	anyUser      = `SELECT EXISTS (SELECT 1 FROM users)`
	knownAddress = `SELECT EXISTS (SELECT 1 FROM known_address WHERE user_id = $1 AND address = $2)`
)

// scanUser reads userColumns, and more where a text asks for more.
func scanUser(r row, more ...any) (jeton.User, error) {
	var u jeton.User
	var roles string
	err := r.Scan(append([]any{
		&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.Nickname, &u.Position, &u.Locale, &roles,
		&u.PasswordHash, &u.CreateAt, &u.UpdateAt, &u.DeleteAt, &u.LastPasswordUpdate, &u.IsBot, &u.BotOwnerID, &u.BotDescription,
	}, more...)...)
	u.Roles = getNames(roles)
	return u, err
}

func scanOneUser(r row) (jeton.User, error) { return scanUser(r) }

// User implements jeton.UserReader.
func (r *reader) User(ctx context.Context, id string) (jeton.User, error) {
	return findOne(ctx, r.src, userByID, id, scanOneUser)
}

// UserByName implements jeton.UserReader.
func (r *reader) UserByName(ctx context.Context, username string) (jeton.User, error) {
	return findOne(ctx, r.src, userByName, username, scanOneUser)
}

// UserByEmail implements jeton.UserReader.
func (r *reader) UserByEmail(ctx context.Context, email string) (jeton.User, error) {
	return findOne(ctx, r.src, userByEmail, email, scanOneUser)
}

// Users implements jeton.UserReader.
func (r *reader) Users(ctx context.Context, f jeton.UserFilter, offset, limit int64) ([]jeton.User, error) {
	var w where
	if f.Active != nil {
		w.add(map[bool]string{true: "u.delete_at = 0", false: "u.delete_at <> 0"}[*f.Active])
	}
	if !f.Bots {
		w.add("u.is_bot = FALSE")
	}
	if f.Role != "" {
		w.addWith("u.id IN (SELECT r.user_id FROM user_role r WHERE r.role = ?)", f.Role)
	}
	if f.IDs != nil && len(f.IDs) == 0 || f.Names != nil && len(f.Names) == 0 {
		return []jeton.User{}, nil // nobody was asked for
	}
	if f.IDs != nil {
		w.addList("u.id", f.IDs)
	}
	if f.Names != nil {
		w.addList("u.username", f.Names)
	}
	if f.Prefix != "" {
		w.addWith(`u.search LIKE ? ESCAPE '\'`, prefixPattern(f.Prefix))
	}
	if f.NewerMS != 0 {
		w.addWith("u.update_at > ?", f.NewerMS)
	}
	order := "u.username"
	if f.ByCreate {
		order = "u.create_at, u.username"
	}
	return r.users(ctx, w, order, offset, limit)
}

// Bots implements jeton.UserReader.
func (r *reader) Bots(ctx context.Context, f jeton.BotFilter, offset, limit int64) ([]jeton.User, error) {
	var w where
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
	return r.users(ctx, w, "u.create_at, u.username", offset, limit)
}

func (r *reader) users(ctx context.Context, w where, order string, offset, limit int64) ([]jeton.User, error) {
	out := []jeton.User{}
	if w.nothing || limit <= 0 {
		return out, nil
	}
	text := selectUsers + w.text() + " ORDER BY " + order +
		" LIMIT $" + strconv.Itoa(len(w.args)+1) + " OFFSET $" + strconv.Itoa(len(w.args)+2)
	err := r.src.eachOnce(ctx, text, append(w.args, limit, offset), appendTo(&out, scanOneUser))
	return out, err
}

// ActiveAdmins implements jeton.UserReader.
func (r *reader) ActiveAdmins(ctx context.Context) (n int, err error) {
	return n, r.src.one(ctx, activeAdmins, []any{jeton.RoleSystemAdmin}, &n)
}

// AnyUser implements jeton.UserReader.
func (r *reader) AnyUser(ctx context.Context) (any bool, err error) {
	return any, r.src.one(ctx, anyUser, nil, &any)
}

// KnownAddress implements jeton.UserReader.
func (r *reader) KnownAddress(ctx context.Context, userID, address string) (known bool, err error) {
	if !findable(userID) || !findable(address) {
		return false, nil
	}
	return known, r.src.one(ctx, knownAddress, []any{userID, address}, &known)
}

// where gathers conditions and their arguments; in them, ? is the next argument.
type where struct {
	conditions []string
	args       []any
	nothing    bool // a condition that no row meets
}

func (w *where) add(condition string) { w.conditions = append(w.conditions, condition) }

func (w *where) addWith(condition string, arg any) {
	if s, ok := arg.(string); ok && !findable(s) {
		w.nothing = true
		return
	}
	w.args = append(w.args, arg)
	w.add(strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1))
}

func (w *where) addList(column string, values []string) {
	first, n := len(w.args)+1, 0
	for _, v := range values {
		if findable(v) {
			w.args = append(w.args, v)
			n++
		}
	}
	w.nothing = w.nothing || n == 0
	w.add(column + " IN (" + marks(first, n) + ")")
}

func (w *where) text() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}
