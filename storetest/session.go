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
	f.session(ann.ID)
	var n int64
	everybody := func(tx jeton.Tx) (err error) { n, err = tx.RemoveAllSessions(); return err }
	f.change(everybody)
	f.is("all users'", []any{n, of(ann.ID), of(bob.ID)}, []any{int64(2), []jeton.Session{}, []jeton.Session{}})
	f.change(everybody)
	f.is("when there are none", n, int64(0))
}

func testKnownAddress(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	known := func(user, address string) bool {
		is, err := f.store.KnownAddress(f.ctx, user, address, start)
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
