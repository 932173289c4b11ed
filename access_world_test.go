package jeton_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/password"
)

// Roles of the fixtures. The API cannot create those with a protected permission: they
// represent imported databases.
const (
	roleReporter = "access_reporter" // report:read, which no use case needs
	roleDeployer = "access_deployer" // deploy:write, which makes a target rich
	roleHolder   = "system_user_access_token"
)

var fixtureRoles = map[string][]string{
	roleReporter:     {"report:read"},
	roleDeployer:     {"deploy:write"},
	"access_keeper":  {"create_bot", "assign_bot", "read_bots", "manage_bots"},
	"access_roler":   {"sysconsole_write_user_management_permissions", "sysconsole_write_user_management_system_roles"},
	"access_manager": {"edit_other_users", "sysconsole_write_user_management_users", "manage_roles"},
}

// actors are the columns of the table, with their roles.
var actors = map[string][]string{
	"nothing": {roleReporter},
	"plain":   {roleReporter, "system_user"},
	"holder":  {roleReporter, "system_user", roleHolder},
	"bot":     {roleReporter, "system_user", roleHolder},
	"keeper":  {roleReporter, "system_user", roleHolder, "access_keeper"},
	"roler":   {roleReporter, "system_user", "access_roler"},
	"manager": {roleReporter, "system_user", roleHolder, "access_manager"},
	"admin":   {roleReporter, "system_user", "system_admin"},
}

// targets are the targets of the table, with their roles.
var targets = map[string][]string{
	"other":    {},
	"rich":     {roleDeployer},
	"admin":    {"system_user", "system_admin"},
	"mybot":    {},
	"richbot":  {roleDeployer},
	"otherbot": {},
}

// world is a running server with the fixtures of the cells in its store.
type world struct {
	*apitest.Server
	t       *testing.T
	hash    string // the hash of apitest.Password
	made    int
	format  jeton.SecretFormat
	builtIn map[string]jeton.Role
	someone string // the id of a person that no cell changes
}

func newWorld(t *testing.T) *world {
	t.Helper()
	settings := jeton.DefaultSettings()
	settings.UserDeletion = true
	w := &world{Server: apitest.Start(t, apitest.Options{Settings: &settings}), t: t}
	var err error
	if w.hash, err = password.Cheap().Hash(context.Background(), apitest.Password); err != nil {
		t.Fatal(err)
	}
	w.builtIn = map[string]jeton.Role{}
	all, err := w.Store.Roles(context.Background())
	w.must(err)
	for _, r := range all {
		w.builtIn[r.Name] = r
	}
	w.put(func(tx jeton.Tx) {
		w.someone = w.addUser(tx, jeton.User{}).ID
		for name, permissions := range fixtureRoles {
			w.addRole(tx, name, permissions...)
		}
		for _, p := range permissions {
			w.addRole(tx, soloRole(p), p)
		}
	})
	// Creating a role through the API makes the server read all roles again.
	in := map[string]any{"name": "access_door", "display_name": "d", "permissions": []string{}}
	w.Read(w.Do("POST", "/roles", w.Admin, in), 201, nil)
	return w
}

func soloRole(permission string) string { return "solo_" + permission }

// put writes fixtures in one change.
func (w *world) put(fill func(tx jeton.Tx)) {
	w.t.Helper()
	_, _, err := w.Store.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		fill(tx)
		return jeton.Event{At: time.Now().UnixMilli(), Actor: jeton.ActorLocal, Action: "test.fixtures", Target: "fixtures"}, nil
	})
	w.must(err)
}

func (w *world) must(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

func (w *world) name(what string) string {
	w.made++
	return fmt.Sprintf("%s%d", what, w.made)
}

func (w *world) addUser(tx jeton.Tx, u jeton.User) jeton.User {
	now := time.Now()
	u.ID, u.Username = jeton.NewID(now, rand.Reader), w.name("u")
	u.Email, u.Locale, u.CreateAt, u.UpdateAt = u.Username+"@example.com", "en", now.UnixMilli(), now.UnixMilli()
	if !u.IsBot {
		u.PasswordHash = w.hash
	}
	w.must(tx.AddUser(u))
	return u
}

func (w *world) addToken(tx jeton.Tx, in jeton.Token) (jeton.Token, string) {
	secret, digest, hint := w.format.NewToken(rand.Reader)
	now := time.Now()
	in.ID, in.Hint, in.CreateAt, in.Description = jeton.NewID(now, rand.Reader), hint, now.UnixMilli(), "fixture"
	w.must(tx.AddToken(in, digest))
	return in, secret.Reveal()
}

func (w *world) addSession(tx jeton.Tx, userID string) (jeton.Session, string) {
	secret, digest := w.format.NewSession(rand.Reader)
	now := time.Now()
	s := jeton.Session{
		ID: jeton.NewID(now, rand.Reader), UserID: userID, CreateAt: now.UnixMilli(), LastActivityAt: now.UnixMilli(),
		ExpiresAt: now.Add(time.Hour).UnixMilli(),
	}
	w.must(tx.AddSession(s, digest))
	return s, secret.Reveal()
}

func (w *world) addRole(tx jeton.Tx, name string, permissions ...string) jeton.Role {
	now := time.Now()
	r := jeton.Role{
		ID: jeton.NewID(now, rand.Reader), Name: name, DisplayName: name, CreateAt: now.UnixMilli(),
		UpdateAt: now.UnixMilli(), Permissions: permissions,
	}
	w.must(tx.AddRole(r))
	return r
}

// credential is what an actor presents.
type credential struct {
	kind   string // session, token, or none
	scopes jeton.Scopes
	gone   bool // the actor is deactivated
}

func (c credential) String() string {
	s := c.kind
	if c.scopes != nil {
		s += fmt.Sprint(" narrowed to ", []string(c.scopes))
	}
	if c.gone {
		s += " of a deactivated actor"
	}
	return s
}

// cell is one actor with one credential and one target. No other cell uses their rows.
type cell struct {
	world  *world
	row    *row
	column string
	by     credential
	roles  []string // the actor's roles
	want   string

	me      jeton.User
	secret  string
	target  jeton.User
	token   jeton.Token   // the target's
	session jeton.Session // the target's
	role    jeton.Role    // a custom role that no user has
	name    string        // a name that no user has
}

// fill adds the rows that a cell needs.
func (w *world) fill(tx jeton.Tx, c *cell) {
	me := jeton.User{Roles: c.roles}
	if c.by.gone {
		me.DeleteAt = 1
	}
	if c.column == "bot" {
		me.IsBot, me.BotOwnerID = true, w.AdminID
	}
	c.name = w.name("n")
	if c.by.kind != "none" {
		c.me = w.addUser(tx, me)
	}
	switch c.by.kind {
	case "session":
		_, c.secret = w.addSession(tx, c.me.ID)
	case "token":
		_, c.secret = w.addToken(tx, jeton.Token{UserID: c.me.ID, Active: true, Scopes: c.by.scopes})
	}
	call := calls[c.row.call]
	if call.role != nil {
		c.role = w.addRole(tx, w.name("r"), call.role...)
	}
	c.target = c.me
	if c.row.target != "own" && c.row.target != "-" || c.me.ID == "" {
		c.target = w.addUser(tx, w.targetOf(c, call))
	}
	switch call.has {
	case "token":
		token := jeton.Token{UserID: c.target.ID, Active: !call.asleep}
		if call.narrowed {
			token.Scopes = jeton.Scopes{createScope}
		}
		c.token, _ = w.addToken(tx, token)
	case "session":
		c.session, _ = w.addSession(tx, c.target.ID)
	}
}

func (w *world) targetOf(c *cell, call call) jeton.User {
	u := jeton.User{Roles: targets[c.row.target]}
	if call.guest {
		u.Roles = append([]string{"system_guest"}, u.Roles...)
	}
	switch c.row.target {
	case "mybot", "richbot":
		u.IsBot, u.BotOwnerID = true, c.me.ID
		if c.me.ID == "" {
			u.BotOwnerID = w.AdminID
		}
	case "otherbot":
		u.IsBot, u.BotOwnerID = true, w.AdminID
	}
	if call.asleep {
		u.DeleteAt = 1
	}
	return u
}

// clear removes the roles of cells, because every change reads all roles.
func (w *world) clear(cells []*cell) {
	w.put(func(tx jeton.Tx) {
		roles, err := tx.RoleTable()
		w.must(err)
		for _, c := range cells {
			if r, ok := roles.Role(c.role.Name); ok && r.ID == c.role.ID {
				w.must(tx.RemoveRole(c.role.ID))
			}
		}
	})
}
