package jeton_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
)

// restored is a database as a backup has it.
type restored struct {
	*apitest.Server
	t *testing.T
}

const (
	ann, bob, robot, droid = "ann", "bob", "robot", "droid" // droid is robot's twin, of bob
	roleA, roleB           = "role_a", "role_b"
)

func newRestored(t *testing.T, database string) restored {
	t.Helper()
	r := restored{apitest.Start(t, apitest.Options{Database: database}), t}
	r.change(func(tx jeton.Tx) error {
		var err error
		for _, u := range []jeton.User{
			{ID: ann, Username: ann, PasswordHash: "hash", Roles: []string{roleA, roleB}},
			{ID: bob, Username: bob, PasswordHash: "hash", Roles: []string{"system_user"}},
			{ID: robot, Username: robot, IsBot: true, BotOwnerID: bob},
			{ID: droid, Username: droid, IsBot: true, BotOwnerID: bob},
		} {
			err = errors.Join(err, tx.AddUser(u))
		}
		for _, name := range []string{roleA, roleB} {
			err = errors.Join(err, tx.AddRole(jeton.Role{ID: name, Name: name, DisplayName: name, Permissions: []string{"x:read", "x:write"}}))
		}
		for i, token := range []jeton.Token{
			{ID: "t1", UserID: ann, Active: true},
			{ID: "t2", UserID: ann, Active: true, CreatedVia: "t1"},
			{ID: "t3", UserID: ann, Active: true},
			{ID: "off", UserID: ann},
		} {
			err = errors.Join(err, tx.AddToken(token, jeton.Digest{1, byte(i)}))
		}
		return err
	})
	return r
}

func (r restored) change(fn func(tx jeton.Tx) error) {
	r.t.Helper()
	_, _, err := r.Store.Change(r.t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "x"}, fn(tx)
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// state tells the present state of a record in a word or a few.
func (r restored) state(id string) string {
	r.t.Helper()
	if t, err := r.Store.Token(r.t.Context(), id); err == nil {
		return map[bool]string{true: "active", false: "disabled"}[t.Active]
	}
	roles, err := r.Store.Roles(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, role := range roles {
		if role.ID == id {
			return "role " + strings.Join(role.Permissions, " ")
		}
	}
	u, err := r.Store.User(r.t.Context(), id)
	if errors.Is(err, jeton.ErrNotFound) {
		return "gone"
	}
	if err != nil {
		r.t.Fatal(err)
	}
	words := append([]string{}, u.Roles...)
	if !u.Active() {
		words = append(words, "inactive")
	}
	if !u.IsBot && u.PasswordHash == "" {
		words = append(words, "locked")
	}
	if u.IsBot {
		words = append(words, "of", u.BotOwnerID)
	}
	return strings.Join(words, " ")
}

// past is an event of the server after the backup.
func past(action jeton.Action, target, note string, changes ...jeton.FieldChange) jeton.Event {
	return jeton.Event{Action: action, Target: target, Detail: jeton.Detail{Owner: target, Note: note, Changes: changes}}
}

func field(name, old, now string) jeton.FieldChange {
	return jeton.FieldChange{Field: name, Old: old, New: now}
}

// TestRevocations: what was taken is taken again, what was given is not given again, and
// what is not told is made safe and told.
func TestRevocations(t *testing.T) {
	refused := past(jeton.TokenRevoke, "t1", "")
	refused.Detail.Refused = true
	for name, c := range map[string]struct {
		events []jeton.Event
		want   map[string]string
		told   string // in what needs attention; empty: nothing does
	}{
		"revoked, with what it made": {events: []jeton.Event{past(jeton.TokenRevoke, "t1", "")}, want: map[string]string{"t1": "gone", "t2": "gone", "t3": "active"}},
		"disabled":                   {events: []jeton.Event{past(jeton.TokenDisable, "t1", "")}, want: map[string]string{"t1": "disabled", "t2": "disabled", "t3": "active"}},
		"disabled and enabled": {
			events: []jeton.Event{past(jeton.TokenDisable, "t1", ""), past(jeton.TokenEnable, "t1", "")},
			want:   map[string]string{"t1": "active", "t2": "disabled"},
		},
		"enabled and disabled": {
			events: []jeton.Event{past(jeton.TokenEnable, "t3", ""), past(jeton.TokenDisable, "t3", "")}, want: map[string]string{"t3": "disabled"},
		},
		"enabled": {events: []jeton.Event{past(jeton.TokenEnable, "off", "")}, want: map[string]string{"off": "disabled"}, told: "not enabled again"},
		"expired, unlocked": {
			events: []jeton.Event{past(jeton.TokenExpire, "t3", ""), past(jeton.UserUnlock, ann, "")}, want: map[string]string{"t3": "active", ann: "role_a role_b"},
		},
		"refused": {events: []jeton.Event{refused}, want: map[string]string{"t1": "active"}},
		"made later": {
			events: []jeton.Event{past(jeton.TokenCreate, "t9", ""), past(jeton.TokenRevoke, "t9", ""), past(jeton.UserCreate, "zoe", ""), past(jeton.UserPassword, "zoe", "")},
			want:   map[string]string{"t9": "gone", "zoe": "gone"},
		},
		"an action of a later version": {
			events: []jeton.Event{past("token.bend", "t3", ""), past("user.bend", ann, "")},
			want:   map[string]string{"t3": "disabled", ann: "role_a role_b inactive"}, told: "does not know it",
		},
		"deactivated, with bots": {
			events: []jeton.Event{past(jeton.UserDeactivate, bob, "with 2 bots")},
			want:   map[string]string{bob: "system_user inactive", robot: "inactive of bob", droid: "inactive of bob"},
		},
		"deactivated and activated": {
			events: []jeton.Event{past(jeton.UserDeactivate, bob, ""), past(jeton.UserActivate, bob, ""), past(jeton.BotEnable, robot, "")},
			want:   map[string]string{bob: "system_user", robot: "of bob", droid: "inactive of bob"},
		},
		"deleted": {events: []jeton.Event{past(jeton.UserDelete, ann, "permanently")}, want: map[string]string{ann: "gone", "t1": "gone"}},
		"roles, by the note": {
			events: []jeton.Event{past(jeton.UserRoles, ann, "role_a system_admin")}, want: map[string]string{ann: "role_a"}, told: "not given again: system_admin",
		},
		"roles, by the field": {
			events: []jeton.Event{past(jeton.UserRoles, ann, "", field("roles", "role_a role_b", "role_b"))}, want: map[string]string{ann: "role_b"},
		},
		"roles that were cut": {
			events: []jeton.Event{past(jeton.UserRoles, ann, "", field("roles", "", "role_a … (9 more)"))}, want: map[string]string{ann: ""}, told: "has none now",
		},
		"password":             {events: []jeton.Event{past(jeton.UserPassword, ann, "")}, want: map[string]string{ann: "role_a role_b locked"}, told: "reset-password ann"},
		"name":                 {events: []jeton.Event{past(jeton.UserUpdate, ann, "", field("username", "ann", "anna"))}, want: map[string]string{ann: "role_a role_b"}, told: "as in the backup again: username"},
		"bot disabled":         {events: []jeton.Event{past(jeton.BotDisable, robot, "")}, want: map[string]string{robot: "inactive of bob"}},
		"bot assigned, told":   {events: []jeton.Event{past(jeton.BotAssign, robot, "", field("owner_id", bob, ann))}, want: map[string]string{robot: "of ann"}},
		"bot assigned, untold": {events: []jeton.Event{past(jeton.BotAssign, robot, "")}, want: map[string]string{robot: "inactive of bob"}, told: "assign it"},
		"bot assigned to a new user": {
			events: []jeton.Event{past(jeton.BotAssign, robot, "", field("owner_id", bob, "zoe"))}, want: map[string]string{robot: "inactive of bob"}, told: "assign it",
		},
		"converted": {events: []jeton.Event{past(jeton.BotToUser, robot, "", field("is_bot", "true", "false"))}, want: map[string]string{robot: "inactive of bob"}, told: "converted"},
		"permissions": {
			events: []jeton.Event{past(jeton.RolePatch, roleA, "", field("permissions", "x:write", "y:read"))},
			want:   map[string]string{roleA: "role x:read", roleB: "role x:read x:write"}, told: "not given again",
		},
		"permissions, and back": {
			events: []jeton.Event{past(jeton.RolePatch, roleA, "", field("permissions", "x:write", "")), past(jeton.RolePatch, roleA, "", field("permissions", "", "x:write"))},
			want:   map[string]string{roleA: "role x:read x:write"}, told: "given permissions",
		},
		"permissions, untold": {events: []jeton.Event{past(jeton.RolePatch, roleA, "role_a")}, want: map[string]string{roleA: "role "}, told: "has none now"},
		"role deleted": {
			events: []jeton.Event{past(jeton.UserRoles, ann, "role_b"), past(jeton.RoleDelete, roleA, "")}, want: map[string]string{ann: roleB, roleA: "gone"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRestored(t, "")
			var took jeton.Revocations
			for i, e := range c.events {
				e.Position = int64(100 + i)
				if err := took.Add(e); err != nil {
					t.Fatal(err)
				}
			}
			var done jeton.Reapplied
			r.change(func(tx jeton.Tx) (err error) {
				done, err = took.Apply(tx, 1)
				return err
			})
			for id, want := range c.want {
				if got := r.state(id); got != want {
					t.Errorf("%s is %q, want %q", id, got, want)
				}
			}
			told := slices.ContainsFunc(done.Attention, func(n jeton.Note) bool { return strings.Contains(n.Text, c.told) })
			if (c.told != "" && !told) || (c.told == "" && len(done.Attention) > 0) {
				t.Errorf("told: %+v", done.Attention)
			}
		})
	}
}

// TestRevocationsRefused: an event that may concern anybody.
func TestRevocationsRefused(t *testing.T) {
	for _, action := range []jeton.Action{jeton.StoreRestore, jeton.StoreSeed, "store.copy", "nothing"} {
		var took jeton.Revocations
		if err := took.Add(past(action, "x", "")); !errors.Is(err, jeton.ErrRevocations) {
			t.Errorf("%s: %v", action, err)
		}
	}
}

// TestRevocationsOfTheLastAdministrator: it is taken too, and the way back is told.
func TestRevocationsOfTheLastAdministrator(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		r := newRestored(t, database)
		var took jeton.Revocations
		gone := past(jeton.UserDeactivate, r.AdminID, "")
		gone.Position = 100
		if err := took.Add(gone); err != nil {
			t.Fatal(err)
		}
		r.change(func(tx jeton.Tx) error {
			done, err := took.Apply(tx, 1)
			if len(done.Attention) != 1 || !strings.Contains(done.Attention[0].Text, "--system-admin") {
				t.Errorf("told: %+v", done.Attention)
			}
			return err
		})
	})
}
