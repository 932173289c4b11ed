package authn_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/sqlstore"
)

// lever is the real store. It counts reads, and can delay them and make them fail.
type lever struct {
	*sqlstore.Store
	mu      sync.Mutex
	reads   int
	fail    error
	roles   int    // the number of reads of the roles
	onRoles func() // runs once when the roles are read
	after   func() // runs once, in the next look-up, after its read and before it returns
}

func (l *lever) Credential(ctx context.Context, d jeton.Digest, kind jeton.Kind) (jeton.Credential, error) {
	l.mu.Lock()
	l.reads++
	fail, after := l.fail, l.after
	l.after = nil
	l.mu.Unlock()
	if fail != nil {
		return jeton.Credential{}, fail
	}
	c, err := l.Store.Credential(ctx, d, kind)
	if after != nil {
		after()
	}
	return c, err
}

func (l *lever) Roles(ctx context.Context) ([]jeton.Role, error) {
	l.mu.Lock()
	held := l.onRoles
	l.onRoles = nil
	l.roles++
	l.mu.Unlock()
	if held != nil {
		held()
	}
	return l.Store.Roles(ctx)
}

func (l *lever) EventsAfter(ctx context.Context, position, limit int64) ([]jeton.Event, jeton.Head, error) {
	l.mu.Lock()
	fail := l.fail
	l.mu.Unlock()
	if fail != nil {
		return nil, jeton.Head{}, fail
	}
	return l.Store.EventsAfter(ctx, position, limit)
}

type fixture struct {
	t     *testing.T
	store *lever
	cache *authn.Cache
	now   time.Time
	owner jeton.User
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.UnixMilli(1_700_000_000_000)}
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: filepath.Join(t.TempDir(), "jeton.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	f.store = &lever{Store: s}
	f.cache = authn.New(authn.Options{Store: f.store, Settings: jeton.DefaultSettings(), Clock: func() time.Time { return f.now }})
	f.owner = f.user("ann", jeton.RoleSystemUser)
	f.follow()
	return f
}

func (f *fixture) follow() {
	f.t.Helper()
	if err := f.cache.Follow(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) change(action jeton.Action, target, owner string, write func(tx jeton.Tx) error) jeton.Event {
	f.t.Helper()
	e, _, err := f.store.Change(f.t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: action, Target: target, Detail: jeton.Detail{Owner: owner}}, write(tx)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return e
}

func (f *fixture) user(name string, roles ...string) jeton.User {
	u := jeton.User{ID: jeton.NewID(f.now, rand.Reader), Username: name, Email: name + "@example.com", Roles: roles, PasswordHash: "hash", CreateAt: 1, UpdateAt: 1}
	f.change(jeton.UserCreate, u.ID, u.ID, func(tx jeton.Tx) error { return tx.AddUser(u) })
	return u
}

func (f *fixture) token(edit func(*jeton.Token)) (jeton.Token, string) {
	secret, d, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	tok := jeton.Token{ID: jeton.NewID(f.now, rand.Reader), UserID: f.owner.ID, Description: "x", Active: true, CreateAt: 1}
	if edit != nil {
		edit(&tok)
	}
	f.change(jeton.TokenCreate, tok.ID, f.owner.ID, func(tx jeton.Tx) error { return tx.AddToken(tok, d) })
	return tok, secret.Reveal()
}

func (f *fixture) revoke(id string) jeton.Event {
	return f.change(jeton.TokenRevoke, id, f.owner.ID, func(tx jeton.Tx) error {
		return tx.RemoveTokens([]string{id}, 1)
	})
}

func (f *fixture) want(secret string, code jeton.Code) {
	f.t.Helper()
	if _, err := f.cache.Actor(f.t.Context(), secret); jeton.CodeOf(err) != code {
		f.t.Errorf("got %v, want code %q", err, code)
	}
}

func (f *fixture) wantReads(n int, what string) {
	f.t.Helper()
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	if f.store.reads != n {
		f.t.Errorf("%s: %d reads of the database, want %d", what, f.store.reads, n)
	}
	f.store.reads = 0
}

func TestHotTokenAsksTheDatabaseOnce(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(nil)
	for range 5 {
		f.want(secret, "")
	}
	f.wantReads(1, "five uses")
	f.token(nil)
	f.follow()
	f.want(secret, "")
	f.wantReads(0, "after another token of the owner was made")
}

func TestRevokedIsRefusedOnceApplied(t *testing.T) {
	f := newFixture(t)
	tok, secret := f.token(nil)
	f.want(secret, "")
	f.cache.Apply(f.revoke(tok.ID))
	f.want(secret, jeton.CodeUnauthenticated)
}

func TestChangeElsewhereIsHeardByFollowing(t *testing.T) {
	f := newFixture(t)
	tok, secret := f.token(nil)
	f.follow()
	f.want(secret, "")
	f.revoke(tok.ID) // not applied here, as if another node had made the change
	f.want(secret, "")
	f.follow()
	f.want(secret, jeton.CodeUnauthenticated)
}

// A look-up that reads before a revoke and returns after the revoke's answer must not leave
// a valid entry.
func TestLookUpHeldOpenAcrossARevoke(t *testing.T) {
	f := newFixture(t)
	tok, secret := f.token(nil)
	f.store.after = func() { f.cache.Apply(f.revoke(tok.ID)) }
	f.want(secret, "") // the look-up began before the revoke, so both answers are correct
	f.want(secret, jeton.CodeUnauthenticated)
}

func TestExpiresToTheMillisecond(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(func(tok *jeton.Token) { tok.ExpiresAt = f.now.UnixMilli() + 5 })
	f.want(secret, "")
	f.now = f.now.Add(4 * time.Millisecond)
	f.want(secret, "")
	f.now = f.now.Add(time.Millisecond)
	f.want(secret, jeton.CodeUnauthenticated)
	f.wantReads(1, "all from the cache")
}

// Verify expires tokens as Actor does, also a token that expires during its look-up.
func TestVerifyExpiresToTheMillisecond(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(func(tok *jeton.Token) { tok.ExpiresAt = f.now.UnixMilli() + 5 })
	for i, code := range []jeton.Code{"", "", "", "", "", jeton.CodeUnauthenticated} {
		if _, err := f.cache.Verify(t.Context(), secret, false); jeton.CodeOf(err) != code {
			t.Errorf("after %d ms: %v", i, err)
		}
		f.now = f.now.Add(time.Millisecond)
	}
	_, secret = f.token(func(tok *jeton.Token) { tok.ExpiresAt = f.now.UnixMilli() + 1 })
	f.store.after = func() { f.now = f.now.Add(time.Millisecond) }
	if _, err := f.cache.Verify(t.Context(), secret, false); jeton.CodeOf(err) != jeton.CodeUnauthenticated {
		t.Errorf("expired during the look-up: %v", err)
	}
}

func TestVerifyTellsTheUnknownFromTheKnown(t *testing.T) {
	f := newFixture(t)
	revoked, known := f.token(nil)
	f.revoke(revoked.ID)
	_, disabled := f.token(func(tok *jeton.Token) { tok.Active = false })
	guess, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	session, _ := jeton.SecretFormat{}.NewSession(rand.Reader)
	for name, c := range map[string]struct {
		secret  string
		unknown bool
	}{
		"revoked": {known, false}, "disabled": {disabled, false}, "a session, not asked for": {session.Reveal(), false},
		"a guess": {guess.Reveal(), true}, "mistyped": {guess.Reveal()[:39] + "!", true},
	} {
		_, err := f.cache.Verify(t.Context(), c.secret, false)
		if jeton.CodeOf(err) != jeton.CodeUnauthenticated || errors.Is(err, authn.ErrUnknown) != c.unknown {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLeaseEndsWhenTheJournalIsNotHeard(t *testing.T) {
	f := newFixture(t)
	tok, secret := f.token(nil)
	f.follow()
	f.want(secret, "")
	f.revoke(tok.ID)
	f.now = f.now.Add(authn.DefaultLease + time.Millisecond)
	f.want(secret, jeton.CodeUnauthenticated)

	_, secret = f.token(nil)
	f.store.fail = errors.New("cut off")
	f.want(secret, jeton.CodeAuthFailed) // not "invalid": it is not known
	if err := f.cache.Follow(t.Context()); err == nil {
		t.Error("Follow succeeded although the journal cannot be read")
	}
	f.store.fail = nil
	f.want(secret, "")
}

func TestRolesChangeOnTheNextUse(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(nil)
	actor, err := f.cache.Actor(t.Context(), secret)
	if err != nil || actor.Holds(jeton.PermManageSystem) {
		t.Fatalf("%v, manages the system: %v", err, actor.Holds(jeton.PermManageSystem))
	}
	f.owner.Roles = append(f.owner.Roles, jeton.RoleSystemAdmin)
	f.cache.Apply(f.change(jeton.UserRoles, f.owner.ID, f.owner.ID, func(tx jeton.Tx) error { return tx.SetUser(f.owner) }))
	if actor, err = f.cache.Actor(t.Context(), secret); err != nil || !actor.Holds(jeton.PermManageSystem) {
		t.Errorf("after the role was given: %v, manages the system: %v", err, actor.Holds(jeton.PermManageSystem))
	}
	role := jeton.Role{ID: jeton.NewID(f.now, rand.Reader), Name: jeton.RoleSystemUser, DisplayName: "x"}
	roles, _ := f.store.Roles(t.Context())
	for _, r := range roles {
		if r.Name == jeton.RoleSystemUser {
			role = r
		}
	}
	role.Permissions = []string{"deploy:write"}
	f.cache.Apply(f.change(jeton.RolePatch, role.ID, "", func(tx jeton.Tx) error { return tx.SetRole(role) }))
	if actor, err = f.cache.Actor(t.Context(), secret); err != nil || !actor.Holds("deploy:write") {
		t.Errorf("after the role was edited: %v, holds deploy:write: %v", err, actor.Holds("deploy:write"))
	}
}

// TestManyShareAReadOfTheRoles: after the lease, the roles are read from the database.
// Callers that wait share the first read that begins after their calls. No caller waits
// longer than its context.
func TestManyShareAReadOfTheRoles(t *testing.T) {
	f := newFixture(t)
	_, secret := f.token(nil)
	f.now = f.now.Add(authn.DefaultLease + time.Millisecond)
	f.store.roles = 0
	began, release := make(chan struct{}), make(chan struct{})
	f.store.onRoles = func() { close(began); <-release }
	first := make(chan error, 1)
	go func() { _, err := f.cache.Actor(t.Context(), secret); first <- err }()
	<-began
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.cache.RoleTable(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller with a cancelled context: %v", err)
	}
	const callers = 3
	var tables [callers]*jeton.RoleTable
	var errs [callers]error
	var waiting, all sync.WaitGroup
	waiting.Add(callers)
	for i := range callers {
		all.Go(func() { tables[i], errs[i] = f.cache.RoleTable(waits{t.Context(), sync.OnceFunc(waiting.Done)}) })
	}
	waiting.Wait()                      // all called during the first read, which began too early for them
	f.now = f.now.Add(time.Millisecond) // the next read begins after their calls
	close(release)
	all.Wait()
	if err := errors.Join(append(errs[:], <-first)...); err != nil {
		t.Error(err)
	}
	if f.store.roles != 2 {
		t.Errorf("the roles were read %d times, not once for the first caller and once for those that waited", f.store.roles)
	}
	for _, table := range tables {
		if table == nil || table != tables[0] {
			t.Error("callers that waited together did not share one read")
		}
	}
}

// waits is a context that calls begins when its user begins to wait for its end.
type waits struct {
	context.Context
	begins func()
}

func (w waits) Done() <-chan struct{} {
	w.begins()
	return w.Context.Done()
}

func TestStrangersGuessesTakeNoRoomAndJunkNoLookUp(t *testing.T) {
	f := newFixture(t)
	for range 50 {
		secret, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
		f.want(secret.Reveal(), jeton.CodeUnauthenticated)
		f.want(secret.Reveal()[:39]+"!", jeton.CodeUnauthenticated)
		f.want("", jeton.CodeUnauthenticated)
	}
	f.wantReads(50, "fifty well-formed guesses")
}

func TestUserFromMemory(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		if o, err := f.cache.User(t.Context(), f.owner.ID); err != nil || o.Username != "ann" || o.PasswordHash != "" {
			t.Fatalf("%+v, %v", o, err)
		}
	}
	f.owner.DeleteAt = 7
	f.cache.Apply(f.change(jeton.UserDeactivate, f.owner.ID, f.owner.ID, func(tx jeton.Tx) error { return tx.SetUser(f.owner) }))
	if o, err := f.cache.User(t.Context(), f.owner.ID); err != nil || o.DeleteAt != 7 {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := f.cache.User(t.Context(), "nobody"); !errors.Is(err, jeton.ErrNotFound) {
		t.Errorf("an unknown user: %v", err)
	}
}

func TestManyOwnersKeepApart(t *testing.T) {
	f := newFixture(t)
	secrets := map[string]string{}
	for i := range 20 {
		f.owner = f.user(fmt.Sprint("user", i), jeton.RoleSystemUser)
		_, secrets[f.owner.ID] = f.token(nil)
	}
	for id, secret := range secrets {
		if a, err := f.cache.Actor(t.Context(), secret); err != nil || a.ID != id {
			t.Errorf("a token of %s acts as %q (%v)", id, a.ID, err)
		}
	}
}
