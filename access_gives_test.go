package jeton_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
)

// The rules that one cell cannot show: the scopes and the expiry of a token made by a token,
// and what ends it.

// Answers as status and error id.
const (
	created      = "200"
	forbidden    = "403 api.context.permissions.app_error"
	unknown      = "401 api.context.session_expired.app_error"
	tooLate      = "400 app.user_access_token.expires_at_after_maker.app_error"
	lastAdmin    = "400 app.user.update.lastAdmin.app_error"
	noSelf       = "401 api.user.update_active.not_enable.app_error"
	protected    = "501 api.roles.patch_roles.not_allowed_permission.error"
	badRole      = "400 app.role.save.invalid_role.app_error"
	goodForAnHr  = time.Hour
	goodForADay  = 24 * time.Hour
	createScope  = "create_user_access_token"
	readScope    = "read_user_access_token"
	revokeScope  = "revoke_user_access_token"
	managerScope = "access_manager"
)

// person creates a person with these roles and a session.
func (w *world) person(roles ...string) (u jeton.User, secret string) {
	w.t.Helper()
	w.put(func(tx jeton.Tx) {
		u = w.addUser(tx, jeton.User{Roles: roles})
		_, secret = w.addSession(tx, u.ID)
	})
	return u, secret
}

// botOf creates a bot with these roles.
func (w *world) botOf(owner string, roles ...string) (u jeton.User) {
	w.t.Helper()
	w.put(func(tx jeton.Tx) {
		u = w.addUser(tx, jeton.User{Roles: roles, IsBot: true, BotOwnerID: owner})
	})
	return u
}

// tokenOf creates a token without a maker; scopes nil: not narrowed.
func (w *world) tokenOf(owner string, scopes jeton.Scopes, expires int64) (t jeton.Token, secret string) {
	w.t.Helper()
	w.put(func(tx jeton.Tx) {
		t, secret = w.addToken(tx, jeton.Token{UserID: owner, Active: true, Scopes: scopes, ExpiresAt: expires})
	})
	return t, secret
}

// made is a token in the answer to its creation.
type made struct {
	ID        string    `json:"id"`
	Secret    string    `json:"token"`
	Scopes    *[]string `json:"scopes"`
	ExpiresAt int64     `json:"expires_at"`
}

// make creates a token with a credential.
func (w *world) make(t *testing.T, by, owner string, in obj) (out made) {
	t.Helper()
	w.says(t, "POST", "/users/"+owner+"/tokens", by, in, created, &out)
	return out
}

// says sends a request, compares status and error id, and decodes the answer into out.
func (w *world) says(t *testing.T, method, path, by string, body any, want string, out any) {
	t.Helper()
	a := w.Do(method, path, by, body)
	if got := said(a); got != want {
		t.Errorf("%s %s %v:\n\tgot  %s\n\twant %s", method, path, body, got, want)
	} else if out != nil {
		if err := json.Unmarshal(a.Body, out); err != nil {
			t.Errorf("%s %s: %v in %s", method, path, err, a.Body)
		}
	}
}

func said(a apitest.Answer) string {
	if a.Status < 300 {
		return created
	}
	return (&cell{}).outcome(a)
}

// works checks whether a secret is good, by the use case that every credential can call.
func (w *world) works(t *testing.T, what, secret string, want bool) {
	t.Helper()
	if got := said(w.Do("GET", "/users/me", secret, nil)); (got == created) != want || !want && got != unknown {
		t.Errorf("%s works: %s, want %t", what, got, want)
	}
}

func TestAccessMadeTokenIsNoWider(t *testing.T) {
	w := newWorld(t)
	all := []string{createScope, readScope, revokeScope}
	const absent = "absent"
	for _, c := range []struct {
		name  string
		maker jeton.Scopes
		asked any // absent: the key is not there
		want  string
		got   any // the scopes, when made
	}{
		{"not narrowed, not asked", nil, absent, created, nil},
		{"not narrowed, null", nil, nil, created, nil},
		{"not narrowed, a list", nil, list{readScope}, created, list{readScope}},
		{"not narrowed, none", nil, list{}, created, list{}},
		{"not narrowed, what its owner lacks", nil, list{"manage_system"}, created, list{"manage_system"}}, // effective permissions are cut to the owner's
		{"narrowed, not asked", all[:2], absent, created, all[:2]},
		{"narrowed, null", all[:2], nil, created, all[:2]},
		{"narrowed, the same", all[:2], all[:2], created, all[:2]},
		{"narrowed, fewer", all[:2], list{readScope}, created, list{readScope}},
		{"narrowed, none", all[:2], list{}, created, list{}},
		{"narrowed, one more", all[:2], all, forbidden, nil},
		{"narrowed, another", all[:2], list{revokeScope}, forbidden, nil},
		{"narrowed to one, not asked", all[:1], absent, created, all[:1]},
		{"narrowed, what its owner lacks", all[:2], list{"manage_system"}, forbidden, nil},
		{"narrowed to what its owner lacks, that", jeton.Scopes{createScope, "manage_system"}, list{"manage_system"}, created, list{"manage_system"}},
		{"narrowed without create", jeton.Scopes{readScope}, list{}, forbidden, nil},
		{"narrowed to nothing", jeton.Scopes{}, list{}, forbidden, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, _ := w.person("system_user", roleHolder)
			_, maker := w.tokenOf(u.ID, c.maker, 0)
			in := obj{"description": "x"}
			if c.asked != absent {
				in["scopes"] = c.asked
			}
			var out made
			w.says(t, "POST", "/users/me/tokens", maker, in, c.want, &out)
			if t.Failed() || c.want != created {
				return
			}
			want, isList := c.got.([]string)
			switch {
			case isList != (out.Scopes != nil):
				t.Fatalf("scopes %v, want %v", out.Scopes, c.got)
			case isList && !slices.Equal(slices.Sorted(slices.Values(*out.Scopes)), slices.Sorted(slices.Values(want))):
				t.Fatalf("scopes %v, want %v", *out.Scopes, want)
			}
			// Its effective permissions are its scopes, cut to the owner's permissions.
			w.says(t, "GET", "/users/me", out.Secret, nil, created, nil)
			may := map[bool]string{true: created, false: forbidden}
			w.says(t, "GET", "/users/me/tokens", out.Secret, nil, may[!isList || slices.Contains(want, readScope)], nil)
			w.says(t, "GET", "/users/tokens", out.Secret, nil, forbidden, nil)
		})
	}
}

func TestAccessMadeTokenEndsNoLater(t *testing.T) {
	w := newWorld(t)
	end := w.Clock.Now().Add(goodForADay).UnixMilli()
	for _, c := range []struct {
		name        string
		maker, asks int64 // -1: the key is not there
		want        string
		end         int64
	}{
		{"endless, not asked", 0, -1, created, 0},
		{"endless, never", 0, 0, created, 0},
		{"endless, some day", 0, end, created, end},
		{"ending, not asked", end, -1, created, end},
		{"ending, never", end, 0, created, end},
		{"ending, earlier", end, end - 1, created, end - 1},
		{"ending, the same", end, end, created, end},
		{"ending, later", end, end + 1, tooLate, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, session := w.person("system_user", roleHolder)
			_, maker := w.tokenOf(u.ID, nil, c.maker)
			in := obj{"description": "x", "expires_at": c.asks}
			if c.asks < 0 {
				delete(in, "expires_at")
			}
			var out made
			w.says(t, "POST", "/users/me/tokens", maker, in, c.want, &out)
			if out.ExpiresAt != c.end {
				t.Errorf("ends at %d, want %d", out.ExpiresAt, c.end)
			}
			// The end of a session does not bound the tokens made by it.
			if c.want == tooLate {
				w.make(t, session, u.ID, in)
			}
		})
	}
}

// The same rules apply if the new token has another owner.
func TestAccessMadeForAnotherIsNoWider(t *testing.T) {
	w := newWorld(t)
	end := w.Clock.Now().Add(goodForAnHr).UnixMilli()
	manager, _ := w.person("system_user", roleHolder, managerScope)
	plain, _ := w.person("system_user")
	scopes := jeton.Scopes{createScope, "edit_other_users", "view_members"}
	_, maker := w.tokenOf(manager.ID, scopes, end)
	path := "/users/" + plain.ID + "/tokens"

	out := w.make(t, maker, plain.ID, obj{"description": "x"})
	if out.Scopes == nil || len(*out.Scopes) != len(scopes) || out.ExpiresAt != end {
		t.Errorf("not asked: scopes %v until %d, want the maker's", out.Scopes, out.ExpiresAt)
	}
	w.make(t, maker, plain.ID, obj{"description": "x", "scopes": list{"view_members"}})
	w.says(t, "POST", path, maker, obj{"description": "x", "scopes": list{readScope}}, forbidden, nil)
	w.says(t, "POST", path, maker, obj{"description": "x", "expires_at": end + 1}, tooLate, nil)

	// An actor with a narrowed token holds only its scopes, which must include all that
	// the new token's owner holds.
	_, maker = w.tokenOf(manager.ID, scopes[:2], 0)
	w.says(t, "POST", path, maker, obj{"description": "x"}, forbidden, nil)
	bare, _ := w.person()
	w.make(t, maker, bare.ID, obj{"description": "x"})
}

// family is a token, one made by it, one made by the second, and one made by the first for
// another owner.
type family struct {
	first, second, third, others made
	makers                       string // session of the first three's owner
}

func (w *world) family(t *testing.T) family {
	t.Helper()
	manager, session := w.person("system_user", roleHolder, managerScope)
	bare, _ := w.person()
	var f family
	f.makers = session
	f.first = w.make(t, session, manager.ID, obj{"description": "first"})
	f.second = w.make(t, f.first.Secret, manager.ID, obj{"description": "second"})
	f.third = w.make(t, f.second.Secret, manager.ID, obj{"description": "third"})
	f.others = w.make(t, f.first.Secret, bare.ID, obj{"description": "others"})
	for _, m := range []made{f.first, f.second, f.third, f.others} {
		w.works(t, "a new token", m.Secret, true) // and now it is cached
	}
	return f
}

func TestAccessMadeTokenGoesWithItsMaker(t *testing.T) {
	w := newWorld(t)
	for _, action := range []string{"revoke", "disable"} {
		for _, c := range []struct {
			name                         string
			which                        func(f family) made
			first, second, third, others bool
			followed, kept               int
		}{
			{"the first", func(f family) made { return f.first }, false, false, false, true, 2, 1},
			{"the second", func(f family) made { return f.second }, true, false, false, true, 1, 0},
			{"the third", func(f family) made { return f.third }, true, true, false, true, 0, 0},
		} {
			t.Run(action+" "+c.name, func(t *testing.T) {
				w.t = t
				f := w.family(t)
				var out struct{ Followed, Kept int }
				w.says(t, "POST", "/users/tokens/"+action, f.makers, obj{"token_id": c.which(f).ID}, created, &out)
				if out.Followed != c.followed || out.Kept != c.kept {
					t.Errorf("followed %d, kept %d; want %d, %d", out.Followed, out.Kept, c.followed, c.kept)
				}
				w.works(t, "the first", f.first.Secret, c.first)
				w.works(t, "the second", f.second.Secret, c.second)
				w.works(t, "the third", f.third.Secret, c.third)
				w.works(t, "the other owner's", f.others.Secret, c.others)
			})
		}
	}
	t.Run("a token ends itself", func(t *testing.T) {
		w.t = t
		f := w.family(t)
		w.says(t, "POST", "/users/tokens/revoke", f.second.Secret, obj{"token_id": f.second.ID}, created, nil)
		w.works(t, "the first", f.first.Secret, true)
		w.works(t, "the second", f.second.Secret, false)
		w.works(t, "the third", f.third.Secret, false)
	})
}

// A token enables no token that outlives it, of any owner. A session enables any token.
func TestAccessEnabledTokenEndsNoLater(t *testing.T) {
	w := newWorld(t)
	end := w.Clock.Now().Add(goodForADay).UnixMilli()
	for _, c := range []struct {
		name         string
		maker, other int64 // the ends: of the token that asks, and of the disabled one
		want         string
	}{
		{"endless, endless", 0, 0, created},
		{"endless, ending", 0, end, created},
		{"ending, endless", end, 0, tooLate},
		{"ending, earlier", end, end - 1, created},
		{"ending, the same", end, end, created},
		{"ending, later", end, end + 1, tooLate},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			manager, session := w.person("system_user", roleHolder, managerScope)
			bare, _ := w.person()
			_, maker := w.tokenOf(manager.ID, nil, c.maker)
			for _, owner := range []string{manager.ID, bare.ID} {
				other, secret := w.tokenOf(owner, nil, c.other)
				id := obj{"token_id": other.ID}
				w.says(t, "POST", "/users/tokens/disable", session, id, created, nil)
				w.says(t, "POST", "/users/tokens/enable", maker, id, c.want, nil)
				w.works(t, "the other", secret, c.want == created)
				w.says(t, "POST", "/users/tokens/enable", session, id, created, nil)
				w.works(t, "the other", secret, true)
			}
		})
	}
}
