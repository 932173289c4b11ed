package storetest

import "jeton"

// Tokens that expired are counted and found by when they did; others never are.
func testExpired(f *fixture) {
	ann, bob, cat := f.user("ann"), f.user("bob"), f.user("cat")
	add := func(owner string, expires int64, active bool) string {
		t, _ := f.tokenWith(owner, func(t *jeton.Token) { t.ExpiresAt, t.Active = expires, active })
		return t.ID
	}
	add(ann.ID, 0, true)
	late := add(ann.ID, start+30, true)
	first := add(ann.ID, start+10, false)
	second := add(ann.ID, start+20, true)
	bobs := add(bob.ID, start+5, true)
	f.change(func(tx jeton.Tx) error {
		for at, want := range map[int64]int64{start + 9: 0, start + 10: 1, start + 29: 2, start + 30: 3, start + 9999: 3} {
			n, err := tx.CountExpired(ann.ID, at)
			f.must(err)
			f.is("expired", n, want)
		}
		for _, id := range []string{cat.ID, "none", "\xff"} {
			n, err := tx.CountExpired(id, start+9999)
			f.must(err)
			f.is("of none", n, int64(0))
		}
		return nil
	})
	expired := func(user string, before, limit int64) (found []string) {
		f.change(func(tx jeton.Tx) error {
			owner, ids, err := tx.ExpiredTokens(user, before, limit)
			found = append([]string{owner}, ids...)
			return err
		})
		return found
	}
	f.is("of one", expired(ann.ID, start+30, 2), []string{ann.ID, first, second})
	f.is("not yet", expired(ann.ID, start+9, 9), []string{ann.ID})
	f.is("of whom it was first", expired("", start+30, 9), []string{bob.ID, bobs})
	f.change(func(tx jeton.Tx) error { return tx.RemoveTokens([]string{bobs}, start) })
	f.is("of whom it was next", expired("", start+30, 9), []string{ann.ID, first, second, late})
	f.is("of nobody", expired("", start, 9), []string{""})
	f.is("of none", expired("\xff", start+30, 9), []string{"\xff"})
}

// Sessions that are over, and addresses that were not used for long, are removed in batches.
func testClearEnded(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	live, _ := f.session(ann.ID, func(s *jeton.Session) { s.ExpiresAt, s.Address = start+100, "" })
	for i := range int64(5) {
		f.session(ann.ID, func(s *jeton.Session) {
			s.ExpiresAt, s.CreateAt, s.Address = start+i, start+10*i, string(rune('a'+i))
		})
	}
	f.session(bob.ID, func(s *jeton.Session) { s.ExpiresAt, s.CreateAt, s.Address = start+4, start, "a" })
	at := f.position()
	old := jeton.Old{EndedBefore: start + 5, KnownBefore: start + 20, Limit: 4}
	for _, want := range []int64{4 + 3, 2, 0} {
		n, err := f.store.ClearOld(f.ctx, old)
		f.must(err)
		f.is("removed", n, want)
	}
	for user, want := range map[string][]jeton.Session{ann.ID: {live}, bob.ID: {}} {
		left, err := f.store.SessionsOf(f.ctx, user)
		f.must(err)
		f.is("sessions left", left, want)
	}
	for i, want := range []bool{false, false, true, true, true} {
		known, err := f.store.KnownAddress(f.ctx, ann.ID, string(rune('a'+i)), 0)
		f.must(err)
		f.is("known", known, want)
	}
	f.is("position", f.position(), at)
}

// Activity only goes on, and leaves no event.
func testActivity(f *fixture) {
	ann := f.user("ann")
	first, _ := f.session(ann.ID)
	second, digest := f.session(ann.ID)
	at := f.position()
	f.must(f.store.SetActivity(f.ctx, []jeton.Activity{{SessionID: first.ID, At: start + 5}, {SessionID: "none", At: 1}, {SessionID: "\xff", At: 1}, {SessionID: second.ID, At: start + 9}}))
	f.must(f.store.SetActivity(f.ctx, []jeton.Activity{{SessionID: first.ID, At: start + 7}, {SessionID: second.ID, At: start + 8}}))
	f.must(f.store.SetActivity(f.ctx, nil))
	first.LastActivityAt, second.LastActivityAt = start+7, start+9
	got, err := f.store.SessionsOf(f.ctx, ann.ID)
	f.must(err)
	f.is("sessions", got, []jeton.Session{second, first})
	c, err := f.store.Credential(f.ctx, digest, jeton.KindSession)
	f.must(err)
	f.is("credential", c.LastActivityAt, start+9)
	f.is("position", f.position(), at)
}
