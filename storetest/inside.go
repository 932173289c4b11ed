package storetest

import (
	"errors"
	"fmt"

	"github.com/google/go-cmp/cmp"

	"jeton"
)

// These cases check that each read of a change sees the change's own earlier writes.

// checks collects the failures in a change, which must not end the test.
type checks []error

func (c *checks) is(what string, got, want any) {
	if diff := cmp.Diff(want, got); diff != "" {
		*c = append(*c, fmt.Errorf("%s (-want +got):\n%s", what, diff))
	}
}

func (c *checks) must(what string, err error) {
	if err != nil {
		*c = append(*c, fmt.Errorf("%s: %w", what, err))
	}
}

func (c *checks) fails(what string, err, want error) {
	if !errors.Is(err, want) {
		*c = append(*c, fmt.Errorf("%s: error %s, want %s", what, fmt.Sprint(err), want.Error()))
	}
}

// changeSees runs a change that checks what it reads. The store may call check more than
// once.
func (f *fixture) changeSees(fn func(c *checks, tx jeton.Tx)) {
	f.Helper()
	f.change(func(tx jeton.Tx) error {
		var c checks
		fn(&c, tx)
		if len(c) > 0 {
			return fmt.Errorf("%v", []error(c)) // none of namedErrors, so that the store does not interpret it
		}
		return nil
	})
}

func testChangeSeesTokens(f *fixture) {
	ann := f.user("ann")
	parent := f.token(ann.ID)
	child := f.newToken(ann.ID)
	child.CreatedVia, child.Scopes = parent.ID, jeton.Scopes{"a:b"}
	d := f.digest()
	f.changeSees(func(c *checks, tx jeton.Tx) {
		c.must("add", tx.AddToken(child, d))
		got, err := tx.Token(child.ID)
		c.must("token", err)
		want := child
		want.Seq = got.Seq
		c.is("token", got, want)
		c.is("the order of creation", got.Seq > parent.Seq, true)
		same, others, err := tx.TokensMadeBy(parent.ID, ann.ID)
		c.must("made by", err)
		c.is("made by", same, []string{child.ID})
		c.is("made for others", others, 0)
		_, n, err := tx.OwnerTokens(ann.ID)
		c.must("owner's tokens", err)
		c.is("owner's tokens", n, int64(2))
		credential, err := tx.CredentialByID(child.ID, jeton.KindToken)
		c.must("credential", err)
		c.is("scopes", credential.Scopes, child.Scopes)

		c.must("disable", tx.SetTokensActive([]string{child.ID}, false))
		got, err = tx.Token(child.ID)
		c.must("disabled", err)
		c.is("disabled", got.Active, false)
		credential, err = tx.CredentialByID(child.ID, jeton.KindToken)
		c.must("credential of what is disabled", err)
		c.is("credential of what is disabled", credential.Active, false)

		c.must("remove", tx.RemoveTokens([]string{child.ID}, start))
		_, err = tx.Token(child.ID)
		c.fails("removed", err, jeton.ErrNotFound)
		_, err = tx.CredentialByID(child.ID, jeton.KindToken)
		c.fails("credential of what is removed", err, jeton.ErrNotFound)
		same, _, err = tx.TokensMadeBy(parent.ID, ann.ID)
		c.must("made by", err)
		c.is("made by, after the removal", same, []string{})
		_, n, err = tx.OwnerTokens(ann.ID)
		c.must("owner's tokens", err)
		c.is("owner's tokens, after the removal", n, int64(1))
	})
	_, err := f.store.Credential(f.ctx, d, jeton.KindToken)
	f.fails("the secret that was added and removed", err, jeton.ErrRetired)
}

func testChangeSeesUsers(f *fixture) {
	ann := jeton.User{ID: f.id(), Username: "ann", Email: "ann@example.com", Roles: []string{"own", jeton.RoleSystemAdmin}}
	robot := jeton.User{ID: f.id(), Username: "robot", Roles: []string{}, IsBot: true, BotOwnerID: ann.ID}
	token, digest := f.newToken(ann.ID), f.digest()
	f.changeSees(func(c *checks, tx jeton.Tx) {
		c.checkUsers(tx, false, 0)
		c.must("add", tx.AddUser(ann))
		c.must("add the bot", tx.AddUser(robot))
		c.must("add a token", tx.AddToken(token, digest))
		got, err := tx.User(ann.ID)
		c.must("user", err)
		c.is("user", got, ann)
		got, err = tx.UserByName("ann")
		c.must("by name", err)
		c.is("by name", got, ann)
		c.checkUsers(tx, true, 1)
		c.fails("the name again", tx.AddUser(jeton.User{ID: "other", Username: "ann"}), jeton.ErrUsernameTaken)
		c.fails("the e-mail again", tx.AddUser(jeton.User{ID: "other", Username: "x", Email: ann.Email}), jeton.ErrEmailTaken)

		set := ann
		set.Username, set.Roles = "anna", []string{"other"}
		c.must("set", tx.SetUser(set))
		_, err = tx.UserByName("ann")
		c.fails("the name before", err, jeton.ErrNotFound)
		owner, _, err := tx.OwnerTokens(ann.ID)
		c.must("owner", err)
		c.is("owner", owner, set)
		credential, err := tx.CredentialByID(token.ID, jeton.KindToken)
		c.must("credential", err)
		c.is("the credential's owner", credential.Owner, set.Owner())
		c.is("assigned", assigned(c, tx, "own"), false)
		c.checkUsers(tx, true, 0)

		off, err := tx.DisableBotsOf(ann.ID, start)
		c.must("disable bots", err)
		c.is("bots", off, []string{robot.ID})
		got, err = tx.User(robot.ID)
		c.must("bot", err)
		c.is("bot", got.DeleteAt, start)

		c.must("remove", tx.RemoveUser(ann.ID, start))
		c.must("remove the bot", tx.RemoveUser(robot.ID, start))
		_, err = tx.User(ann.ID)
		c.fails("removed", err, jeton.ErrNotFound)
		_, _, err = tx.OwnerTokens(ann.ID)
		c.fails("owner who was removed", err, jeton.ErrNotFound)
		_, err = tx.Token(token.ID)
		c.fails("the removed user's token", err, jeton.ErrNotFound)
		c.checkUsers(tx, false, 0)
	})
}

// checkUsers checks the counts of users in a change.
func (c *checks) checkUsers(tx jeton.Tx, any bool, admins int) {
	there, err := tx.AnyUser()
	c.must("any user", err)
	c.is("any user", there, any)
	n, err := tx.ActiveAdmins()
	c.must("active administrators", err)
	c.is("active administrators", n, admins)
	c.is("assigned", assigned(c, tx, jeton.RoleSystemAdmin), admins > 0)
}

func assigned(c *checks, tx jeton.Tx, role string) bool {
	is, err := tx.RoleAssigned(role)
	c.must("assigned", err)
	return is
}

func testChangeSeesSessions(f *fixture) {
	ann := f.user("ann")
	s := jeton.Session{ID: f.id(), UserID: ann.ID, CreateAt: start, ExpiresAt: start + 9, LastActivityAt: start}
	next := s
	next.ID, next.CreateAt = f.id(), start+1
	digests := []jeton.Digest{f.digest(), f.digest()}
	f.changeSees(func(c *checks, tx jeton.Tx) {
		c.must("add", tx.AddSession(s, digests[0], 10))
		got, err := tx.Session(s.ID)
		c.must("session", err)
		c.is("session", got, s)
		credential, err := tx.CredentialByID(s.ID, jeton.KindSession)
		c.must("credential", err)
		c.is("the credential's owner", credential.Owner, ann.Owner())

		c.fails("one beyond the limit", tx.AddSession(next, digests[1], 1), jeton.ErrSessionsFull)
		c.must("remove", tx.RemoveSession(s.ID))
		_, err = tx.CredentialByID(s.ID, jeton.KindSession)
		c.fails("credential of what was removed", err, jeton.ErrNotFound)
		c.must("add where there is room", tx.AddSession(next, digests[1], 1))
		c.must("add another", tx.AddSession(s, digests[0], 2))

		c.must("remove all but one", tx.RemoveSessionsOf(ann.ID, next.ID))
		_, err = tx.Session(next.ID)
		c.must("the one that stays", err)
		c.must("remove", tx.RemoveSession(next.ID))
		_, err = tx.Session(next.ID)
		c.fails("removed", err, jeton.ErrNotFound)
	})
}

func testChangeSeesRoles(f *fixture) {
	own := jeton.Role{ID: f.id(), Name: "own", Permissions: []string{"a:a"}}
	f.changeSees(func(c *checks, tx jeton.Tx) {
		c.is("before", permissionsOf(c, tx, "own"), []string(nil))
		c.must("add", tx.AddRole(own))
		c.is("added", permissionsOf(c, tx, "own"), own.Permissions)
		set := own
		set.Name, set.Permissions = "renamed", []string{"b:b"}
		c.must("set", tx.SetRole(set))
		c.is("set", permissionsOf(c, tx, "renamed"), set.Permissions)
		c.is("the name before", permissionsOf(c, tx, "own"), []string(nil))
		c.must("remove", tx.RemoveRole(own.ID))
		c.is("removed", permissionsOf(c, tx, "renamed"), []string(nil))
	})
}

// permissionsOf returns the permissions of a role as a change reads them; nil: there is no
// such role.
func permissionsOf(c *checks, tx jeton.Tx, name string) []string {
	table, err := tx.RoleTable()
	c.must("role table", err)
	if err != nil {
		return nil
	}
	r, _ := table.Role(name)
	return r.Permissions
}
