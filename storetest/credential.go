package storetest

import (
	"errors"
	"fmt"

	"jeton"
)

func (f *fixture) session(user string, edit ...func(*jeton.Session)) (jeton.Session, jeton.Digest) {
	f.Helper()
	s := jeton.Session{
		ID: f.id(), UserID: user, CreateAt: start, ExpiresAt: start + 1000, LastActivityAt: start, DeviceID: "phone",
		Address: "192.0.2.1", UserAgent: "curl/8 ü",
	}
	for _, e := range edit {
		e(&s)
	}
	d := f.digest()
	f.change(func(tx jeton.Tx) error { return tx.AddSession(f.ctx, s, d, 100) })
	return s, d
}

func testCredential(f *fixture) {
	ann := f.user("ann", func(u *jeton.User) { u.Roles = []string{"system_user", "system_admin"} })
	robot := f.user("robot", bot(ann.ID), func(u *jeton.User) { u.DeleteAt = start })
	token, tokenDigest := f.tokenWith(robot.ID, func(t *jeton.Token) { t.Active = false })
	session, sessionDigest := f.session(ann.ID)

	got, err := f.store.Credential(f.ctx, tokenDigest, jeton.KindToken)
	f.must(err)
	f.is("token", got, jeton.Credential{
		Kind: jeton.KindToken, ID: token.ID, Owner: robot.Owner(), Active: false, ExpiresAt: token.ExpiresAt, CreateAt: token.CreateAt,
	})
	got, err = f.store.Credential(f.ctx, sessionDigest, jeton.KindSession)
	f.must(err)
	f.is("session", got, jeton.Credential{
		Kind: jeton.KindSession, ID: session.ID, Owner: ann.Owner(), Active: true, ExpiresAt: session.ExpiresAt, CreateAt: session.CreateAt,
	})
	for name, c := range map[string]struct {
		digest jeton.Digest
		kind   jeton.Kind
	}{
		"unknown": {f.digest(), jeton.KindToken}, "token as session": {tokenDigest, jeton.KindSession},
		"session as token": {sessionDigest, jeton.KindToken}, "no kind": {tokenDigest, jeton.KindNone},
		"nothing": {jeton.Digest{}, jeton.KindToken},
	} {
		_, err := f.store.Credential(f.ctx, c.digest, c.kind)
		f.fails(name, err, jeton.ErrNotFound)
		f.is(name+" is retired", errors.Is(err, jeton.ErrRetired), false)
	}
	f.change(func(tx jeton.Tx) error { return tx.RemoveSession(f.ctx, session.ID) })
	_, err = f.store.Credential(f.ctx, sessionDigest, jeton.KindSession)
	f.fails("an ended session", err, jeton.ErrNotFound)
}

func testCredentialByID(f *fixture) {
	ann := f.user("ann")
	token, digest := f.tokenWith(ann.ID, func(t *jeton.Token) { t.Scopes = jeton.Scopes{} })
	session, _ := f.session(ann.ID)
	want, err := f.store.Credential(f.ctx, digest, jeton.KindToken)
	f.must(err)
	f.change(func(tx jeton.Tx) error {
		got, err := tx.CredentialByID(f.ctx, token.ID, jeton.KindToken)
		f.is("token", got, want)
		if err != nil {
			return err
		}
		s, err := tx.CredentialByID(f.ctx, session.ID, jeton.KindSession)
		f.is("session's owner", s.Owner, ann.Owner())
		return err
	})
	for name, c := range map[string]struct {
		id   string
		kind jeton.Kind
	}{
		"token as session": {token.ID, jeton.KindSession}, "session as token": {session.ID, jeton.KindToken},
		"unknown": {f.id(), jeton.KindToken}, "no kind": {token.ID, jeton.KindNone}, "no text": {"\xff", jeton.KindToken},
	} {
		_, err := f.try(func(tx jeton.Tx) error {
			_, err := tx.CredentialByID(f.ctx, c.id, c.kind)
			return err
		})
		f.fails(name, err, jeton.ErrNotFound)
	}
	_, err = f.try(func(tx jeton.Tx) error {
		if err := tx.RemoveTokens(f.ctx, []string{token.ID}, start); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
		_, err := tx.CredentialByID(f.ctx, token.ID, jeton.KindToken)
		return err
	})
	f.fails("removed in the same change", err, jeton.ErrNotFound)
}

func testSessions(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	at := func(active int64) func(*jeton.Session) {
		return func(s *jeton.Session) { s.LastActivityAt = active }
	}
	old, _ := f.session(ann.ID, at(start+1))
	newest, _ := f.session(ann.ID, at(start+9))
	middle, _ := f.session(ann.ID, at(start+5))
	other, _ := f.session(bob.ID)
	of := func(user string) []jeton.Session {
		got, err := f.store.SessionsOf(f.ctx, user)
		f.must(err)
		return got
	}
	f.is("the most active first", of(ann.ID), []jeton.Session{newest, middle, old})
	got, err := f.store.Session(f.ctx, old.ID)
	f.must(err)
	f.is("session", got, old)
	f.change(func(tx jeton.Tx) error { return tx.RemoveSession(f.ctx, old.ID) })
	f.is("one removed", of(ann.ID), []jeton.Session{newest, middle})
	_, err = f.try(func(tx jeton.Tx) error { return tx.RemoveSession(f.ctx, old.ID) })
	f.fails("removed twice", err, jeton.ErrNotFound)
	f.change(func(tx jeton.Tx) error { return tx.RemoveSessionsOf(f.ctx, ann.ID, middle.ID) })
	f.is("all but one removed", of(ann.ID), []jeton.Session{middle})
	f.change(func(tx jeton.Tx) error { return tx.RemoveSessionsOf(f.ctx, ann.ID, "") })
	f.is("all removed", of(ann.ID), []jeton.Session{})
	f.is("another's", of(bob.ID), []jeton.Session{other})
}

func testSessionsKeep(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	f.session(bob.ID)
	add := func(create, expires int64, keep int) string {
		s := jeton.Session{ID: f.id(), UserID: ann.ID, CreateAt: create, ExpiresAt: expires, LastActivityAt: create}
		f.change(func(tx jeton.Tx) error { return tx.AddSession(f.ctx, s, f.digest(), keep) })
		return s.ID
	}
	left := func(user string) []string {
		all, err := f.store.SessionsOf(f.ctx, user)
		f.must(err)
		out := []string{}
		for _, s := range all {
			out = append(out, s.ID)
		}
		return out
	}
	add(start, start+10, 3)
	b := add(start+1, start+1000, 3)
	c := add(start+10, start+1000, 3)
	f.is("the expired one is gone", left(ann.ID), []string{c, b})
	d, e := add(start+11, start+1000, 3), add(start+12, start+1000, 3)
	f.is("the oldest is gone", left(ann.ID), []string{e, d, c})
	g := add(start+2, start+1000, 2)
	f.is("the new one stays though the clock went back", left(ann.ID), []string{e, g})
	h := add(start+13, start+1000, 1)
	f.is("only the new one", left(ann.ID), []string{h})
	f.is("another's", len(left(bob.ID)), 1)
}

func testKnownAddress(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	known := func(user, address string) bool {
		is, err := f.store.KnownAddress(f.ctx, user, address)
		f.must(err)
		return is
	}
	f.is("before", known(ann.ID, "192.0.2.1"), false)
	for range 2 {
		s, _ := f.session(ann.ID)
		f.change(func(tx jeton.Tx) error { return tx.RemoveSession(f.ctx, s.ID) })
		f.is("after", known(ann.ID, "192.0.2.1"), true)
	}
	f.is("another address", known(ann.ID, "192.0.2.10"), false)
	f.is("another user", known(bob.ID, "192.0.2.1"), false)
	f.session(bob.ID, func(s *jeton.Session) { s.Address = "" })
	f.is("no address", known(bob.ID, ""), false)
	f.is("no text", known(bob.ID, "\x00"), false)
}
