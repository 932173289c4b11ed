package storetest

import "jeton"

func testLogIns(f *fixture) {
	ann, bob := f.user("ann", func(u *jeton.User) { u.PasswordHash = "old" }), f.user("bob")
	is := func(what string, attempts, last int64, hash string) {
		f.Helper()
		got, err := f.store.User(f.ctx, ann.ID)
		f.must(err)
		want := ann
		want.FailedAttempts, want.LastLogin, want.PasswordHash = attempts, last, hash
		f.is(what, got, want)
	}
	f.must(f.store.AddFailure(f.ctx, ann.ID))
	f.must(f.store.AddFailure(f.ctx, ann.ID))
	for _, nobody := range []string{"", "nobody", "\x00"} {
		f.must(f.store.AddFailure(f.ctx, nobody))
	}
	is("two failures", 2, 0, "old")
	f.change(func(tx jeton.Tx) error { return tx.SetLogIn(ann.ID, start+5, "") })
	is("a log-in", 0, start+5, "old")
	f.must(f.store.AddFailure(f.ctx, ann.ID))
	f.change(func(tx jeton.Tx) error { return tx.SetLogIn(ann.ID, start+6, "new") })
	is("a log-in with a new hash", 0, start+6, "new")
	_, err := f.try(func(tx jeton.Tx) error { return tx.SetLogIn("nobody", start, "") })
	f.fails("of no user", err, jeton.ErrNotFound)
	other, err := f.store.User(f.ctx, bob.ID)
	f.must(err)
	f.is("another user", other, bob)
}

func testKnownNetworks(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	from := func(user, address string, at int64) {
		f.session(user, func(s *jeton.Session) { s.Address, s.CreateAt = address, at })
	}
	from(ann.ID, "192.0.2.1", start)
	from(ann.ID, "192.0.2.2", start+1)
	from(bob.ID, "2001:db8::/64", start+2)
	known := func(since, limit int64) []string {
		got, err := f.store.KnownNetworks(f.ctx, since, limit)
		f.must(err)
		return got
	}
	f.is("all", known(0, 10), []string{"2001:db8::/64", "192.0.2.2", "192.0.2.1"})
	f.is("the latest", known(0, 2), []string{"2001:db8::/64", "192.0.2.2"})
	f.is("since", known(start+2, 10), []string{"2001:db8::/64"})
	f.is("none", known(start+3, 10), []string{})
	old := func(since int64) bool {
		is, err := f.store.KnownAddress(f.ctx, ann.ID, "192.0.2.1", since)
		f.must(err)
		return is
	}
	f.is("until it is old", []bool{old(start), old(start + 1)}, []bool{true, false})
	from(ann.ID, "192.0.2.1", start+10)
	f.is("another log-in refreshes it", old(start+10), true)
}
