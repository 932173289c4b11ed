package storetest

import (
	"fmt"
	"math"

	"jeton"
)

func testUserRoundTrip(f *fixture) {
	want := jeton.User{
		ID: f.id(), Username: "ann", Email: "ann@example.com", FirstName: "Änn ' % _ \\", LastName: "O'Neil", Nickname: "漢🙂",
		Position: "Boss", Locale: "pt-BR", Roles: []string{"system_user", "system_admin", "own"}, PasswordHash: "$x$y",
		CreateAt: start, UpdateAt: start + 1, DeleteAt: start + 2, LastPasswordUpdate: start + 3,
		IsBot: true, BotOwnerID: f.id(), BotDescription: "line\nline",
		EmailVerified: true, Timezone: jeton.Timezone{"manualTimezone": "Europe/Athens \"'%", "": "漢"},
		LastLogin: start + 4, FailedAttempts: 1 << 40,
	}
	f.change(func(tx jeton.Tx) error { return tx.AddUser(want) })
	same := func(what string) {
		f.Helper()
		got, err := f.store.User(f.ctx, want.ID)
		f.must(err)
		f.is(what+", by id", got, want)
		got, err = f.store.UserByName(f.ctx, want.Username)
		f.must(err)
		f.is(what+", by name", got, want)
		got, err = f.store.UserByEmail(f.ctx, want.Email)
		f.must(err)
		f.is(what+", by e-mail", got, want)
	}
	same("added")
	want = jeton.User{
		ID: want.ID, Username: "anna", Email: "anna@example.com", Roles: []string{}, CreateAt: start + 9, UpdateAt: start + 9,
	}
	f.change(func(tx jeton.Tx) error { return tx.SetUser(want) })
	same("set")
	want.Timezone = jeton.Timezone{} // it is not the default
	f.change(func(tx jeton.Tx) error { return tx.SetUser(want) })
	same("set again")
	for _, name := range []string{"ann", "ANNA", "Anna", "ann%"} {
		_, err := f.store.UserByName(f.ctx, name)
		f.fails(name, err, jeton.ErrNotFound)
	}
	_, err := f.store.UserByEmail(f.ctx, "ANNA@example.com")
	f.fails("an e-mail in capitals", err, jeton.ErrNotFound)
	_, err = f.try(func(tx jeton.Tx) error { return tx.SetUser(jeton.User{ID: f.id(), Username: "x"}) })
	f.fails("set an unknown user", err, jeton.ErrNotFound)
	_, err = f.try(func(tx jeton.Tx) error { return tx.RemoveUser(f.id(), start) })
	f.fails("remove an unknown user", err, jeton.ErrNotFound)
}

func testUserUnique(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	add := func(name, email string) error {
		_, err := f.try(func(tx jeton.Tx) error {
			return tx.AddUser(jeton.User{ID: f.id(), Username: name, Email: email})
		})
		return err
	}
	f.fails("name", add("ann", "new@example.com"), jeton.ErrUsernameTaken)
	f.fails("e-mail", add("new", "ann@example.com"), jeton.ErrEmailTaken)
	f.fails("both: the name is reported", add("ann", "ann@example.com"), jeton.ErrUsernameTaken)
	f.must(add("noemail", ""))
	f.must(add("noemail2", ""))
	_, err := f.store.UserByEmail(f.ctx, "")
	f.fails("by no e-mail", err, jeton.ErrNotFound)

	set := func(u jeton.User) error {
		_, err := f.try(func(tx jeton.Tx) error { return tx.SetUser(u) })
		return err
	}
	taken := bob
	taken.Username = "ann"
	f.fails("set the name", set(taken), jeton.ErrUsernameTaken)
	taken = bob
	taken.Email = ann.Email
	f.fails("set the e-mail", set(taken), jeton.ErrEmailTaken)
	f.must(set(bob)) // a user's own names do not conflict

	f.change(func(tx jeton.Tx) error {
		// A conflict does not end the change.
		if err := tx.AddUser(jeton.User{ID: f.id(), Username: "ann"}); err == nil {
			return fmt.Errorf("a name was given twice")
		}
		return tx.AddUser(jeton.User{ID: f.id(), Username: "ann2"})
	})
	_, err = f.store.UserByName(f.ctx, "ann2")
	f.must(err)
	_, err = f.try(func(tx jeton.Tx) error { return tx.AddUser(jeton.User{ID: ann.ID, Username: "x"}) })
	f.failsOtherwise("an id given twice", err)
}

func testUsersFilter(f *fixture) {
	ann := f.user("ann", func(u *jeton.User) { u.Roles = []string{"system_user", "system_admin"} })
	bob := f.user("bob", func(u *jeton.User) { u.DeleteAt, u.UpdateAt = start+5, start+5 })
	f.user("cat", func(u *jeton.User) { u.Roles = []string{"system_user", "systemXadmin", "system_admin2"} })
	f.user("robot", bot(ann.ID))
	yes, no := true, false
	for name, c := range map[string]struct {
		filter jeton.UserFilter
		want   []string
	}{
		"all people":    {jeton.UserFilter{}, []string{"ann", "bob", "cat"}},
		"bots too":      {jeton.UserFilter{Bots: true}, []string{"ann", "bob", "cat", "robot"}},
		"active":        {jeton.UserFilter{Active: &yes}, []string{"ann", "cat"}},
		"not active":    {jeton.UserFilter{Active: &no}, []string{"bob"}},
		"role":          {jeton.UserFilter{Role: "system_admin"}, []string{"ann"}},
		"role, bots":    {jeton.UserFilter{Role: "system_user", Bots: true}, []string{"ann", "bob", "cat", "robot"}},
		"no such role":  {jeton.UserFilter{Role: "system%"}, []string{}},
		"any role":      {jeton.UserFilter{Roles: []string{"system_admin", "no_such"}}, []string{"ann"}},
		"any of two":    {jeton.UserFilter{Roles: []string{"system_admin", "system_user"}}, []string{"ann", "bob", "cat"}},
		"one and any":   {jeton.UserFilter{Role: "system_admin", Roles: []string{"system_user"}}, []string{"ann"}},
		"no role":       {jeton.UserFilter{Roles: []string{"\x00"}}, []string{}},
		"ids":           {jeton.UserFilter{IDs: []string{bob.ID, ann.ID, "unknown"}}, []string{"ann", "bob"}},
		"names":         {jeton.UserFilter{Names: []string{"cat", "ANN", "\x00"}}, []string{"cat"}},
		"no real name":  {jeton.UserFilter{Names: []string{"\x00"}}, []string{}},
		"newer":         {jeton.UserFilter{NewerMS: start}, []string{"bob"}},
		"newer than 32": {jeton.UserFilter{NewerMS: math.MaxInt32}, []string{"ann", "bob", "cat"}},
		"all at once":   {jeton.UserFilter{Active: &yes, Role: "system_user", IDs: []string{ann.ID, bob.ID}, Names: []string{"ann"}, Prefix: "a"}, []string{"ann"}},
	} {
		got, err := f.store.Users(f.ctx, c.filter, 0, 100)
		f.must(err)
		f.is(name, names(got), c.want)
		n, err := f.store.CountUsers(f.ctx, c.filter)
		f.must(err)
		f.is(name+", counted", n, int64(len(c.want)))
	}
	bob.Roles = []string{"system_admin"}
	f.change(func(tx jeton.Tx) error { return tx.SetUser(bob) })
	got, err := f.store.Users(f.ctx, jeton.UserFilter{Role: "system_admin"}, 0, 100)
	f.must(err)
	f.is("a role given later", names(got), []string{"ann", "bob"})
	got, err = f.store.Users(f.ctx, jeton.UserFilter{Role: "system_user"}, 0, 100)
	f.must(err)
	f.is("a role taken away", names(got), []string{"ann", "cat"})
}

func testUsersOrder(f *fixture) {
	// The order is that of bytes, which differs from a language's collation.
	for i, name := range []string{"b", "a_b", "a.b", "a-b", "ab", "a", "1", "zz"} {
		f.user(name, func(u *jeton.User) { u.CreateAt = start - int64(i/2) })
	}
	list := func(byCreate bool, offset, limit int64) []string {
		got, err := f.store.Users(f.ctx, jeton.UserFilter{ByCreate: byCreate}, offset, limit)
		f.must(err)
		return names(got)
	}
	f.is("by name", list(false, 0, 100), []string{"1", "a", "a-b", "a.b", "a_b", "ab", "b", "zz"})
	f.is("a page", list(false, 2, 2), []string{"a-b", "a.b"})
	f.is("by creation", list(true, 0, 100), []string{"1", "zz", "a", "ab", "a-b", "a.b", "a_b", "b"})
	f.is("past the end", list(false, math.MaxInt64, 10), []string{})
	f.is("none asked for", list(false, 0, 0), []string{})
}

// testUsersDeep: pages that lie deep are read otherwise, and are the same.
func testUsersDeep(f *fixture) {
	const n = 1100
	var ids, all []string
	f.change(func(tx jeton.Tx) error {
		for i := range n {
			u := jeton.User{ID: f.id(), Username: fmt.Sprintf("u%04d", i), CreateAt: start + int64(i%7), IsBot: i%2 == 0}
			ids, all = append(ids, u.ID), append(all, u.Username)
			if err := tx.AddUser(u); err != nil {
				return err
			}
		}
		return nil
	})
	list := func(filter jeton.UserFilter, offset, limit int64) []string {
		got, err := f.store.Users(f.ctx, filter, offset, limit)
		f.must(err)
		return names(got)
	}
	every := jeton.UserFilter{Bots: true}
	f.is("deep", list(every, 1040, 20), all[1040:1060])
	f.is("across the end", list(every, n-5, 20), all[n-5:])
	f.is("at the end", list(every, n, 20), []string{})
	f.is("far behind it", list(every, 1_000_000_000*200, 200), []string{})
	f.is("people, behind them", list(jeton.UserFilter{}, 1040, 20), []string{})
	byCreate := jeton.UserFilter{Bots: true, ByCreate: true}
	f.is("by creation", list(byCreate, 1000, 100), list(byCreate, 0, n)[1000:])
	bots, err := f.store.Bots(f.ctx, jeton.BotFilter{}, 1_000_000_000, 200)
	f.must(err)
	f.is("bots, behind them", names(bots), []string{})
	f.is("ids", list(jeton.UserFilter{Bots: true, IDs: ids[:1000]}, 0, 1000), all[:1000])
	f.is("names", list(jeton.UserFilter{Bots: true, Names: append([]string{`"`, "\\", "u\x00", "\xff", "u0000"}, all[:999]...)}, 0, 1000), all[:999])

	f.user("zz") // a count from before must not hide it
	f.is("one more", list(every, n, 20), []string{"zz"})
}

func testUsersPrefix(f *fixture) {
	f.user("ann", func(u *jeton.User) { u.FirstName, u.LastName, u.Nickname = "Ängström", "O'Neil Smith", "100%_\\x" })
	f.user("bob", func(u *jeton.User) { u.FirstName, u.LastName, u.Nickname = "Bob", "ÉTIENNE", "two\nlines" })
	for prefix, want := range map[string][]string{
		"ann": {"ann"}, "an": {"ann"}, "nn": {}, "äng": {"ann"}, "étie": {"bob"}, "o'neil s": {"ann"}, "smith": {},
		"100%": {"ann"}, "1%": {}, "100%_": {"ann"}, "100__": {}, `100%_\x`: {"ann"}, `\`: {}, "%": {}, "_": {},
		"bob@exam": {"bob"}, "b": {"bob"}, "two": {"bob"}, "lines": {}, "bob\nbob": {}, "\xff": {},
	} {
		got, err := f.store.Users(f.ctx, jeton.UserFilter{Prefix: prefix}, 0, 10)
		f.must(err)
		f.is(fmt.Sprintf("prefix %q", prefix), names(got), want)
	}
	u, err := f.store.UserByName(f.ctx, "bob")
	f.must(err)
	u.FirstName = "Robert"
	f.change(func(tx jeton.Tx) error { return tx.SetUser(u) })
	got, err := f.store.Users(f.ctx, jeton.UserFilter{Prefix: "robe"}, 0, 10)
	f.must(err)
	f.is("a name changed later", names(got), []string{"bob"})
}

// testInvalidText: PostgreSQL refuses a query with invalid text. A change that reads by such
// text must go on.
func testInvalidText(f *fixture) {
	f.user("ann")
	for _, s := range []string{"a\x00", "\xff\xfe", "ann\x00"} {
		_, err := f.store.User(f.ctx, s)
		f.fails("user", err, jeton.ErrNotFound)
		_, err = f.store.Token(f.ctx, s)
		f.fails("token", err, jeton.ErrNotFound)
		page, err := f.store.TokensOf(f.ctx, s, 0, 10)
		f.must(err)
		f.is("tokens", page.Total, int64(0))
		events, err := f.store.Events(f.ctx, jeton.EventFilter{Actor: s}, 0, 10)
		f.must(err)
		f.is("events", events, []jeton.Event{})
		f.changeSees(func(c *checks, tx jeton.Tx) { c.invalidText(tx, s) })
		_, err = f.try(func(tx jeton.Tx) error { return tx.RemoveTokens([]string{s}, start) })
		f.fails("remove token", err, jeton.ErrNotFound)
		_, err = f.try(func(tx jeton.Tx) error { return tx.SetUser(jeton.User{ID: s, Username: "x"}) })
		f.fails("set user", err, jeton.ErrNotFound)
		_, err = f.try(func(tx jeton.Tx) error { return tx.RemoveSession(s) })
		f.fails("remove session", err, jeton.ErrNotFound)
	}
}

// invalidText reads by text that cannot be stored, with each read of a change.
func (c *checks) invalidText(tx jeton.Tx, s string) {
	_, err := tx.User(s)
	c.fails("user", err, jeton.ErrNotFound)
	_, err = tx.UserByName(s)
	c.fails("user by name", err, jeton.ErrNotFound)
	_, _, err = tx.OwnerTokens(s)
	c.fails("owner", err, jeton.ErrNotFound)
	_, err = tx.Token(s)
	c.fails("token", err, jeton.ErrNotFound)
	_, err = tx.Session(s)
	c.fails("session", err, jeton.ErrNotFound)
	same, others, err := tx.TokensMadeBy(s, s)
	c.must("made by", err)
	c.is("made by", len(same)+others, 0)
	c.is("assigned", assigned(c, tx, s), false)
	for _, kind := range []jeton.Kind{jeton.KindToken, jeton.KindSession, jeton.KindNone} {
		_, err = tx.CredentialByID(s, kind)
		c.fails("credential", err, jeton.ErrNotFound)
	}
}

func testBots(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob", func(u *jeton.User) { u.DeleteAt = start })
	at := func(create int64) func(*jeton.User) { return func(u *jeton.User) { u.CreateAt = create } }
	f.user("late", bot(ann.ID), at(start+9))
	f.user("early", bot(ann.ID), at(start+1))
	f.user("orphan", bot(bob.ID), at(start+5))
	f.user("gone", bot(bob.ID), at(start+5), func(u *jeton.User) { u.DeleteAt = start })
	for name, c := range map[string]struct {
		filter jeton.BotFilter
		want   []string
	}{
		"all active":      {jeton.BotFilter{}, []string{"early", "orphan", "late"}},
		"deleted too":     {jeton.BotFilter{IncludeDeleted: true}, []string{"early", "gone", "orphan", "late"}},
		"of an owner":     {jeton.BotFilter{OwnerID: ann.ID}, []string{"early", "late"}},
		"orphaned":        {jeton.BotFilter{OnlyOrphaned: true}, []string{"orphan"}},
		"orphaned of ann": {jeton.BotFilter{OnlyOrphaned: true, OwnerID: ann.ID}, []string{}},
	} {
		got, err := f.store.Bots(f.ctx, c.filter, 0, 10)
		f.must(err)
		f.is(name, names(got), c.want)
	}
	got, err := f.store.Bots(f.ctx, jeton.BotFilter{}, 1, 1)
	f.must(err)
	f.is("a page", names(got), []string{"orphan"})
}

func testActiveAdmins(f *fixture) {
	admin := func(u *jeton.User) { u.Roles = []string{"system_user", jeton.RoleSystemAdmin} }
	n := func() (n int) {
		f.inside(func(tx jeton.Tx) (err error) {
			n, err = tx.ActiveAdmins()
			return err
		})
		return n
	}
	f.is("none", n(), 0)
	ann := f.user("ann", admin)
	f.user("robot", admin, bot(ann.ID))
	f.user("gone", admin, func(u *jeton.User) { u.DeleteAt = start })
	f.user("bob")
	f.is("one", n(), 1)
	f.user("cat", admin)
	f.is("two", n(), 2)
	f.user("dan", admin)
	f.is("at most two", n(), 2)
}

func testRemoveUser(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	f.user("robot", bot(ann.ID))
	_, d := f.tokenWith(ann.ID)
	f.token(ann.ID)
	kept := f.token(bob.ID)
	session, _ := f.session(ann.ID)
	f.change(func(tx jeton.Tx) error { return tx.RemoveUser(ann.ID, start) })

	_, err := f.store.User(f.ctx, ann.ID)
	f.fails("user", err, jeton.ErrNotFound)
	f.inside(func(tx jeton.Tx) error {
		_, err := tx.Session(session.ID)
		f.fails("session", err, jeton.ErrNotFound)
		return nil
	})
	_, err = f.store.Credential(f.ctx, d, jeton.KindToken)
	f.fails("secret", err, jeton.ErrNotFound)
	page, err := f.store.Tokens(f.ctx, 0, 10)
	f.must(err)
	f.is("tokens", page, jeton.TokenPage{Tokens: []jeton.Token{kept}, Total: 1})
	known, err := f.store.KnownAddress(f.ctx, ann.ID, "192.0.2.1", 0)
	f.must(err)
	f.is("address", known, false)
	_, err = f.store.UserByName(f.ctx, "robot")
	f.must(err) // bots stay
	again := f.user("ann")
	f.is("the name is free", again.Username, "ann")
	_, err = f.try(func(tx jeton.Tx) error { return tx.RemoveUser(ann.ID, start) })
	f.fails("removed twice", err, jeton.ErrNotFound)
}

func testDisableBotsOf(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	b1, b2 := f.user("b1", bot(ann.ID)), f.user("b2", bot(ann.ID))
	off := f.user("off", bot(ann.ID), func(u *jeton.User) { u.DeleteAt = start - 5 })
	others := f.user("others", bot(bob.ID))
	var got []string
	disable := func(owner string) {
		f.change(func(tx jeton.Tx) (err error) {
			got, err = tx.DisableBotsOf(owner, start+7)
			return err
		})
	}
	disable(ann.ID)
	f.is("ids", got, []string{b1.ID, b2.ID})
	for id, want := range map[string]int64{b1.ID: start + 7, b2.ID: start + 7, off.ID: start - 5, others.ID: 0, ann.ID: 0} {
		u, err := f.store.User(f.ctx, id)
		f.must(err)
		f.is(u.Username, u.DeleteAt, want)
	}
	u, err := f.store.User(f.ctx, b1.ID)
	f.must(err)
	f.is("changed at", u.UpdateAt, start+7)
	disable(ann.ID)
	f.is("none left", got, []string{})
	disable("")
	f.is("of no owner", got, []string{})
}

// A bot that was a person is its own owner: it counts as its bot, and is not disabled as one.
func testBotsOwned(f *fixture) {
	ann := f.user("ann")
	self := f.user("self", func(u *jeton.User) { u.IsBot, u.BotOwnerID = true, u.ID })
	f.user("b1", bot(ann.ID))
	f.user("b2", bot(ann.ID), func(u *jeton.User) { u.DeleteAt = start })
	f.user("b3", bot(self.ID))
	f.user("p", func(u *jeton.User) { u.BotOwnerID = ann.ID }) // no bot
	f.change(func(tx jeton.Tx) error {
		for _, c := range []struct {
			owner       string
			limit, want int64
		}{{ann.ID, 9, 2}, {ann.ID, 2, 2}, {ann.ID, 1, 1}, {self.ID, 9, 2}, {"nobody", 9, 0}, {"", 9, 0}, {"a\x00", 9, 0}} {
			n, err := tx.BotsOwned(c.owner, c.limit)
			if err != nil {
				return err
			}
			f.is("bots of "+c.owner, n, c.want)
		}
		ids, err := tx.DisableBotsOf(self.ID, start)
		f.is("disabled", len(ids), 1)
		return err
	})
	u, err := f.store.User(f.ctx, self.ID)
	f.must(err)
	f.is("disabled with its own bots", u.DeleteAt, int64(0))
}
