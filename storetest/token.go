package storetest

import (
	"fmt"
	"math"
	"strings"

	"jeton"
)

func testFresh(f *fixture) {
	h := f.head()
	f.is("epoch's length", len(h.Epoch), 26)
	f.is("position", h.Position, int64(0))
	page, err := f.store.Tokens(f.ctx, 0, 10)
	f.must(err)
	f.is("tokens", page, jeton.TokenPage{Tokens: []jeton.Token{}})
	page, err = f.store.TokensOf(f.ctx, f.id(), 0, 10)
	f.must(err)
	f.is("tokens of an unknown owner", page, jeton.TokenPage{Tokens: []jeton.Token{}})
	users, err := f.store.Users(f.ctx, jeton.UserFilter{Bots: true}, 0, 10)
	f.must(err)
	f.is("users", users, []jeton.User{})
	sessions, err := f.store.SessionsOf(f.ctx, f.id())
	f.must(err)
	f.is("sessions", sessions, []jeton.Session{})
	events, head, err := f.store.EventsAfter(f.ctx, 0, 10)
	f.must(err)
	f.is("events", events, []jeton.Event{})
	f.is("head", head, h)
	_, err = f.store.Token(f.ctx, f.id())
	f.fails("token", err, jeton.ErrNotFound)
	_, err = f.store.User(f.ctx, f.id())
	f.fails("user", err, jeton.ErrNotFound)
	f.inside(func(tx jeton.Tx) error {
		_, err := tx.Session(f.id())
		f.fails("session", err, jeton.ErrNotFound)
		there, err := tx.AnyUser()
		f.is("any user", there, false)
		return err
	})
}

func testTokenRoundTrip(f *fixture) {
	owner := f.user("ann")
	want := jeton.Token{
		ID: f.id(), UserID: owner.ID, Description: "Ünïcode ' \" % _ \\ \n\t 漢字 🙂", Active: true,
		CreateAt: start, ExpiresAt: math.MaxInt64, LastUsedAt: start + 5, Scopes: jeton.Scopes{"deploy:write"},
		CreatedBy: "maker", CreatedVia: "token", Hint: "aB3z",
	}
	f.change(func(tx jeton.Tx) error { return tx.AddToken(want, f.digest()) })
	got, err := f.store.Token(f.ctx, want.ID)
	f.must(err)
	want.Seq = got.Seq
	f.is("token", got, want)
	if got.Seq <= 0 {
		f.Errorf("seq %d", got.Seq)
	}
	next := f.token(owner.ID)
	if next.Seq <= got.Seq {
		f.Errorf("the next token has seq %d after %d", next.Seq, got.Seq)
	}
	_, err = f.store.Token(f.ctx, strings.ToUpper(want.ID)+"x")
	f.fails("another id", err, jeton.ErrNotFound)
	_, err = f.try(func(tx jeton.Tx) error { return tx.AddToken(want, f.digest()) })
	f.failsOtherwise("the same id again", err)
	dup := f.digest()
	f.change(func(tx jeton.Tx) error { return tx.AddToken(f.newToken(owner.ID), dup) })
	_, err = f.try(func(tx jeton.Tx) error { return tx.AddToken(f.newToken(owner.ID), dup) })
	f.failsOtherwise("the same secret again", err)
}

func testTokenScopes(f *fixture) {
	owner := f.user("ann")
	for name, scopes := range map[string]jeton.Scopes{
		"not narrowed": nil, "nothing": {}, "one": {"a:b"}, "quoted": {`a:"`, `b:\`, "c:,"}, "a null": {"null"},
	} {
		t, d := f.tokenWith(owner.ID, func(t *jeton.Token) { t.Scopes = scopes })
		f.is(name, t.Scopes, scopes)
		c, err := f.store.Credential(f.ctx, d, jeton.KindToken)
		f.must(err)
		f.is(name+", in the credential", c.Scopes, scopes)
		f.change(func(tx jeton.Tx) error {
			in, err := tx.CredentialByID(t.ID, jeton.KindToken)
			if err == nil && (in.Scopes == nil) != (scopes == nil) {
				err = fmt.Errorf("%s: %#v in a change", name, in.Scopes)
			}
			return err
		})
	}
}

func testTokensOf(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	var want []jeton.Token
	for range 7 {
		want = append(want, f.token(ann.ID))
		f.token(bob.ID)
	}
	for _, c := range []struct{ offset, limit, from, to int64 }{
		{0, 100, 0, 7},
		{0, 7, 0, 7},
		{0, 3, 0, 3},
		{3, 3, 3, 6},
		{6, 3, 6, 7},
		{7, 3, 7, 7},
		{100, 3, 7, 7},
		{0, 0, 7, 7},
		{math.MaxInt64, 200, 7, 7},
		{math.MaxInt64 - 1, 1, 7, 7},
	} {
		page, err := f.store.TokensOf(f.ctx, ann.ID, c.offset, c.limit)
		f.must(err)
		f.is(fmt.Sprintf("%d from %d", c.limit, c.offset), page,
			jeton.TokenPage{Tokens: append([]jeton.Token{}, want[c.from:c.to]...), Total: 7})
	}
}

func testTokensOutOfRange(f *fixture) {
	owner := f.user("ann")
	want := []jeton.Token{f.token(owner.ID), f.token(owner.ID)}
	for _, c := range []struct{ offset, limit, from, to int64 }{
		{0, 200, 0, 2}, {1, 200, 1, 2}, {2, 1, 2, 2}, {200, 1, 2, 2}, {0, 0, 2, 2}, {math.MaxInt64, 1, 2, 2}, {math.MaxInt64, 200, 2, 2},
	} {
		page, err := f.store.Tokens(f.ctx, c.offset, c.limit)
		f.must(err)
		f.is(fmt.Sprintf("%d from %d", c.limit, c.offset), page,
			jeton.TokenPage{Tokens: append([]jeton.Token{}, want[c.from:c.to]...), Total: 2})
	}
}

func testSearchTokens(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	a1, b1, a2 := f.token(ann.ID), f.token(bob.ID), f.token(ann.ID)
	for term, want := range map[string][]string{
		a1.ID: {a1.ID}, ann.ID: {a1.ID, a2.ID}, "bob": {b1.ID}, "BOB": {}, "an": {}, "ann%": {}, "%": {}, "": {}, "a\x00": {},
	} {
		got, err := f.store.SearchTokens(f.ctx, term, 10)
		f.must(err)
		f.is(fmt.Sprintf("search %q", term), ids(got), want)
	}
	got, err := f.store.SearchTokens(f.ctx, "ann", 1)
	f.must(err)
	f.is("at most one", ids(got), []string{a1.ID})
}

func testSetTokensActive(f *fixture) {
	owner := f.user("ann")
	var all []string
	for range 3 {
		all = append(all, f.token(owner.ID).ID)
	}
	active := func() (out []bool) {
		for _, id := range all {
			t, err := f.store.Token(f.ctx, id)
			f.must(err)
			out = append(out, t.Active)
		}
		return out
	}
	set := func(to bool, which ...string) error {
		_, err := f.try(func(tx jeton.Tx) error { return tx.SetTokensActive(which, to) })
		return err
	}
	f.must(set(false, all[0], all[1], all[0]))
	f.is("two disabled", active(), []bool{false, false, true})
	f.must(set(true, all[0]))
	f.is("one enabled", active(), []bool{true, false, true})
	f.fails("an unknown one", set(false, all[0], f.id()), jeton.ErrNotFound)
	f.is("nothing of that", active(), []bool{true, false, true})
	f.must(set(false))
	f.is("none named", active(), []bool{true, false, true})
}

func testRemoveTokens(f *fixture) {
	owner := f.user("ann")
	var all []string
	var digests []jeton.Digest
	f.change(func(tx jeton.Tx) error {
		for range 250 { // more than fit into one statement
			t, d := f.newToken(owner.ID), f.digest()
			all, digests = append(all, t.ID), append(digests, d)
			if err := tx.AddToken(t, d); err != nil {
				return err
			}
		}
		return nil
	})
	_, err := f.try(func(tx jeton.Tx) error { return tx.RemoveTokens(append([]string{f.id()}, all...), start) })
	f.fails("an unknown one", err, jeton.ErrNotFound)
	page, err := f.store.Tokens(f.ctx, 0, 1)
	f.must(err)
	f.is("all still there", page.Total, int64(250))

	f.change(func(tx jeton.Tx) error { return tx.RemoveTokens(append(all[1:], all[1]), start) })
	page, err = f.store.Tokens(f.ctx, 0, 10)
	f.must(err)
	f.is("left", ids(page.Tokens), all[:1])
	f.is("total", page.Total, int64(1))
	for i, d := range digests {
		_, err := f.store.Credential(f.ctx, d, jeton.KindToken)
		if i == 0 {
			f.must(err)
		} else {
			f.fails("a retired secret", err, jeton.ErrRetired)
			_, err = f.store.Credential(f.ctx, d, jeton.KindBare)
			f.fails("a retired secret, bare", err, jeton.ErrRetired)
		}
	}
	_, err = f.try(func(tx jeton.Tx) error { return tx.RemoveTokens(all[1:2], start) })
	f.fails("removed twice", err, jeton.ErrNotFound)
	_, err = f.try(func(tx jeton.Tx) error { return tx.AddToken(f.newToken(owner.ID), digests[1]) })
	f.failsOtherwise("a retired secret added again", err)
}

func testTokensMadeBy(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	by := func(maker jeton.Token) func(*jeton.Token) {
		return func(t *jeton.Token) { t.CreatedVia = maker.ID }
	}
	root := f.token(ann.ID)
	child := f.token(ann.ID, by(root))
	grandchild := f.token(ann.ID, by(child))
	f.token(bob.ID, by(root))
	bobs := f.token(bob.ID, by(grandchild))
	f.token(bob.ID, by(bobs)) // bob's token, made by bob's token: not counted
	f.token(ann.ID, by(bobs)) // ann's token, made by bob's token
	f.token(ann.ID)
	made := func(id, owner string) (got struct {
		Same   []string
		Others int
	},
	) {
		f.inside(func(tx jeton.Tx) (err error) {
			got.Same, got.Others, err = tx.TokensMadeBy(id, owner)
			return err
		})
		return got
	}
	for name, c := range map[string]struct {
		id     string
		same   []string
		others int
	}{
		"root": {root.ID, []string{child.ID, grandchild.ID}, 2}, "child": {child.ID, []string{grandchild.ID}, 1},
		"leaf": {grandchild.ID, []string{}, 1}, "unknown": {f.id(), []string{}, 0}, "none": {"", []string{}, 0},
	} {
		got := made(c.id, ann.ID)
		f.is(name+": same", got.Same, c.same)
		f.is(name+": others", got.Others, c.others)
	}
}

func testOwnerTokens(f *fixture) {
	ann := f.user("ann")
	f.user("bob")
	f.token(ann.ID)
	f.change(func(tx jeton.Tx) error {
		if err := tx.AddToken(f.newToken(ann.ID), f.digest()); err != nil {
			return err
		}
		u, n, err := tx.OwnerTokens(ann.ID)
		if err == nil && (u.Username != "ann" || n != 2) {
			err = fmt.Errorf("%s has %d tokens", u.Username, n)
		}
		return err
	})
	_, err := f.try(func(tx jeton.Tx) error {
		_, _, err := tx.OwnerTokens(f.id())
		return err
	})
	f.fails("of an unknown owner", err, jeton.ErrNotFound)
}
