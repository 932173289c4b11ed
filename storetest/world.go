package storetest

import (
	"errors"
	"fmt"
	"strings"

	"jeton"
)

// world is the rows that one run of a script works on: an owner with a token and a session,
// and a boss who owns the owner, which is a bot. A prefix makes the ids of a run unique;
// comparisons of two runs remove it.
type world struct {
	f                                        *fixture
	prefix                                   string
	boss, owner, token, session              string
	tokenDigest, sessionDigest, sharedDigest jeton.Digest
	digests                                  []jeton.Digest // of the rows that steps add, one or two for each step
	before, after                            []string       // the results of observe in each step
}

func newWorld(f *fixture, steps int) *world {
	f.Helper()
	prefix := fmt.Sprintf("%010d-", f.made.Add(1))
	w := &world{
		f: f, prefix: prefix, boss: prefix + "boss", owner: prefix + "owner", token: prefix + "token", session: prefix + "session",
		tokenDigest: f.digest(), sessionDigest: f.digest(), sharedDigest: f.digest(),
		before: make([]string, steps), after: make([]string, steps),
	}
	for range 2 * steps {
		w.digests = append(w.digests, f.digest())
	}
	f.change(func(tx jeton.Tx) error {
		return errors.Join(
			tx.AddUser(jeton.User{ID: w.boss, Username: w.boss, Roles: []string{}}), w.addOwner(tx),
			tx.AddToken(w.newToken(w.token), w.tokenDigest), w.addSession(tx, w.session, w.sessionDigest),
		)
	})
	return w
}

func (w *world) addOwner(tx jeton.Tx) error { return tx.AddUser(w.ownerWith("first")) }

func (w *world) ownerWith(role string) jeton.User {
	return jeton.User{ID: w.owner, Username: w.owner, Roles: []string{role}, IsBot: true, BotOwnerID: w.boss}
}

func (w *world) newToken(id string) jeton.Token {
	return jeton.Token{ID: id, UserID: w.owner, Active: true, CreateAt: start}
}

func (w *world) addSession(tx jeton.Tx, id string, d jeton.Digest) error {
	return tx.AddSession(jeton.Session{ID: id, UserID: w.owner, CreateAt: start, ExpiresAt: start + day}, d, 100)
}

// observe reads in a change everything that can be prefetched.
func (w *world) observe(tx jeton.Tx) (string, error) {
	t, tokenErr := tx.CredentialByID(w.token, jeton.KindToken)
	s, sessionErr := tx.CredentialByID(w.session, jeton.KindSession)
	u, n, ownerErr := tx.OwnerTokens(w.owner)
	for _, err := range []error{tokenErr, sessionErr, ownerErr} {
		if err != nil && !errors.Is(err, jeton.ErrNotFound) {
			return "", err
		}
	}
	owner := func(o jeton.Owner) string { return fmt.Sprint(o.Roles, " deleted ", o.DeleteAt) }
	return fmt.Sprintf("token %v, active %v, of %s; session %v, of %s; owner %v, %s, with %d tokens",
		tokenErr, t.Active, owner(t.Owner), sessionErr, owner(s.Owner), ownerErr, owner(u.Owner()), n), nil
}

// state describes the stored rows of the world.
func (w *world) state() string {
	w.f.Helper()
	var out []string
	w.f.inside(func(tx jeton.Tx) error {
		text, err := w.observe(tx)
		out = []string{text}
		return err
	})
	page, err := w.f.store.TokensOf(w.f.ctx, w.owner, 0, 1000)
	w.f.must(err)
	for _, t := range page.Tokens {
		out = append(out, fmt.Sprintf("token %s, active %v", t.ID, t.Active))
	}
	w.f.is("an owner's tokens", page.Total, int64(len(page.Tokens)))
	sessions, err := w.f.store.SessionsOf(w.f.ctx, w.owner)
	w.f.must(err)
	for _, s := range sessions {
		out = append(out, "session "+s.ID)
	}
	for i, d := range append(w.digests, w.tokenDigest, w.sharedDigest) {
		c, err := w.f.store.Credential(w.f.ctx, d, jeton.KindToken)
		out = append(out, fmt.Sprintf("secret %d: %s %v", i, c.ID, err))
	}
	return strings.ReplaceAll(strings.Join(out, "\n"), w.prefix, "")
}

// write is a write of a step. i is the index of the step in its script.
type write struct {
	name string
	do   func(w *world, tx jeton.Tx, i int) error
	// mayFail: the database may refuse the write. The store may learn that only after the
	// method has returned, so the step may have returned another result before.
	mayFail bool
}

func (w *world) id(i int) string { return fmt.Sprintf("%snew%d", w.prefix, i) }

func (w *world) add(tx jeton.Tx, i int) error {
	return tx.AddToken(w.newToken(w.id(i)), w.digests[2*i])
}

// addThen adds a token, and then one with the id or digest of another.
func (w *world) addThen(tx jeton.Tx, i int, id string, d jeton.Digest) error {
	if err := w.add(tx, i); err != nil {
		return err
	}
	return tx.AddToken(w.newToken(id), d)
}

func writes() []write {
	return []write{
		{name: "nothing", do: func(*world, jeton.Tx, int) error { return nil }},
		{name: "a token", do: (*world).add},
		{name: "two tokens", do: func(w *world, tx jeton.Tx, i int) error { return w.addThen(tx, i, w.id(i)+"b", w.digests[2*i+1]) }},
		{name: "the shared token", mayFail: true, do: func(w *world, tx jeton.Tx, _ int) error {
			return tx.AddToken(w.newToken(w.prefix+"shared"), w.sharedDigest)
		}},
		{name: "the shared secret", mayFail: true, do: func(w *world, tx jeton.Tx, i int) error {
			return w.addThen(tx, i, w.id(i)+"b", w.sharedDigest)
		}},
		{name: "the shared id", mayFail: true, do: func(w *world, tx jeton.Tx, i int) error {
			return w.addThen(tx, i, w.prefix+"shared", w.digests[2*i+1])
		}},
		{name: "the token's secret", mayFail: true, do: func(w *world, tx jeton.Tx, i int) error {
			return w.addThen(tx, i, w.id(i)+"b", w.tokenDigest)
		}},
		{name: "the token's id", mayFail: true, do: func(w *world, tx jeton.Tx, i int) error {
			return w.addThen(tx, i, w.token, w.digests[2*i+1])
		}},
		{name: "disable", do: func(w *world, tx jeton.Tx, _ int) error { return tx.SetTokensActive([]string{w.token}, false) }},
		{name: "enable", do: func(w *world, tx jeton.Tx, _ int) error { return tx.SetTokensActive([]string{w.token}, true) }},
		{name: "remove", do: func(w *world, tx jeton.Tx, i int) error { return tx.RemoveTokens([]string{w.token}, start) }},
		{name: "roles", do: func(w *world, tx jeton.Tx, i int) error { return tx.SetUser(w.ownerWith(fmt.Sprint("role", i))) }},
		{name: "deactivate the owner", do: func(w *world, tx jeton.Tx, i int) error {
			_, err := tx.DisableBotsOf(w.boss, start+int64(i))
			return err
		}},
		{name: "remove the owner", do: func(w *world, tx jeton.Tx, _ int) error { return tx.RemoveUser(w.owner, start) }},
		{name: "add the owner", mayFail: true, do: func(w *world, tx jeton.Tx, _ int) error { return w.addOwner(tx) }},
		{name: "end the session", do: func(w *world, tx jeton.Tx, _ int) error { return tx.RemoveSession(w.session) }},
		{name: "a session", do: func(w *world, tx jeton.Tx, i int) error { return w.addSession(tx, w.id(i), w.digests[2*i]) }},
	}
}

func writeNamed(name string) write {
	for _, w := range writes() {
		if w.name == name {
			return w
		}
	}
	panic("no write is named " + name)
}
