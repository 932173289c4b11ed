package storetest

import "jeton"

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
	f.inside(func(tx jeton.Tx) error {
		got, err := tx.Session(old.ID)
		f.is("session", got, old)
		return err
	})
	f.change(func(tx jeton.Tx) error { return tx.RemoveSession(old.ID) })
	f.is("one removed", of(ann.ID), []jeton.Session{newest, middle})
	f.fails("removed twice", f.refused(func(tx jeton.Tx) error { return tx.RemoveSession(old.ID) }), jeton.ErrNotFound)
	f.change(func(tx jeton.Tx) error { return tx.RemoveSessionsOf(ann.ID, middle.ID) })
	f.is("all but one removed", of(ann.ID), []jeton.Session{middle})
	f.change(func(tx jeton.Tx) error { return tx.RemoveSessionsOf(ann.ID, "") })
	f.is("all removed", of(ann.ID), []jeton.Session{})
	f.is("another user's", of(bob.ID), []jeton.Session{other})
}

// testSessionsLimit: a new session needs room among those that have not expired, and clears
// the others away. A refused one changes nothing.
func testSessionsLimit(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	f.session(bob.ID)
	session := func(create, expires int64) jeton.Session {
		return jeton.Session{ID: f.id(), UserID: ann.ID, CreateAt: create, ExpiresAt: expires, LastActivityAt: create}
	}
	add := func(create, expires int64, limit int) string {
		s := session(create, expires)
		f.change(func(tx jeton.Tx) error { return tx.AddSession(s, f.digest(), limit) })
		return s.ID
	}
	full := func(create int64, limit int) {
		f.Helper()
		s := session(create, start+1000)
		f.fails("full", f.refused(func(tx jeton.Tx) error { return tx.AddSession(s, f.digest(), limit) }), jeton.ErrSessionsFull)
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
	a := add(start, start+10, 3)
	b := add(start+1, start+1000, 3)
	full(start+9, 2)
	f.is("a refused one clears nothing", left(ann.ID), []string{b, a})
	c := add(start+10, start+1000, 3)
	f.is("the expired one is gone", left(ann.ID), []string{c, b})
	d := add(start+11, start+1000, 3)
	full(start+12, 3)
	full(start-5, 3)
	f.is("all stay", left(ann.ID), []string{d, c, b})
	f.change(func(tx jeton.Tx) error { return tx.RemoveSession(b) })
	e := add(start+2, start+1000, 3)
	f.is("where there is room, though the clock went back", left(ann.ID), []string{d, c, e})
	f.is("another user's", len(left(bob.ID)), 1)
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
		f.change(func(tx jeton.Tx) error { return tx.RemoveSession(s.ID) })
		f.is("after", known(ann.ID, "192.0.2.1"), true)
	}
	f.is("another address", known(ann.ID, "192.0.2.10"), false)
	f.is("another user", known(bob.ID, "192.0.2.1"), false)
	f.session(bob.ID, func(s *jeton.Session) { s.Address = "" })
	f.is("no address", known(bob.ID, ""), false)
	f.is("invalid text", known(bob.ID, "\x00"), false)
}
