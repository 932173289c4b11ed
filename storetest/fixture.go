package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"jeton"
)

// fixture is a store, with helpers that add rows to it.
type fixture struct {
	T
	test    *testing.T // the test of the whole case; T is that of the current run of a property
	harness Harness
	store   jeton.Store
	ctx     context.Context
	made    *atomic.Int64
}

func newFixture(t *testing.T, h Harness) *fixture {
	return &fixture{T: t, test: t, harness: h, store: h.Open(t), ctx: t.Context(), made: &atomic.Int64{}}
}

// property checks a property n times, or as often as the flag -rapid.checks says. All runs
// share one store, so run must first remove the rows that it depends on. After a failure,
// rapid looks for a smaller one and prints how to repeat it.
func (f *fixture) property(n int, run func(f *fixture, t *rapid.T)) {
	f.Helper()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		f.must(checks.Value.Set(strconv.Itoa(n)))
		defer func() { _ = checks.Value.Set(checks.DefValue) }()
	}
	rapid.Check(f.test, func(t *rapid.T) {
		inner := *f
		inner.T, inner.ctx = t, t.Context()
		run(&inner, t)
	})
}

// errRefused is the error of a change in these tests.
var errRefused = errors.New("refused")

const (
	start = int64(1_700_000_000_000) // the time in these tests, in Unix milliseconds
	day   = int64(24 * 60 * 60 * 1000)
)

// id returns a new id, greater than all before.
func (f *fixture) id() string { return fmt.Sprintf("%026d", f.made.Add(1)) }

func (f *fixture) digest() (d jeton.Digest) {
	d[0] = 1
	binary.BigEndian.PutUint64(d[1:], uint64(f.made.Add(1))*0x9E3779B97F4A7C15) // spreads the digests: their order is not that of creation
	return d
}

func event(target string) jeton.Event {
	return jeton.Event{At: start, Actor: jeton.ActorLocal, Action: "test", Target: target}
}

// change runs a change that must succeed.
func (f *fixture) change(fn func(tx jeton.Tx) error) jeton.Event {
	f.Helper()
	e, err := f.try(fn)
	if err != nil {
		f.Fatalf("change: %v", err)
	}
	return e
}

// try runs a change. The store may call fn on another goroutine, so fn must not end the
// test.
func (f *fixture) try(fn func(tx jeton.Tx) error) (jeton.Event, error) {
	e, _, err := f.run(func(tx jeton.Tx) (jeton.Event, error) { return event("target"), fn(tx) })
	return e, err
}

// refused runs a change and returns its error.
func (f *fixture) refused(fn func(tx jeton.Tx) error) error {
	_, err := f.try(fn)
	return err
}

// inside runs reads in a change that writes nothing.
func (f *fixture) inside(fn func(tx jeton.Tx) error) {
	f.Helper()
	_, _, err := f.run(func(tx jeton.Tx) (jeton.Event, error) {
		if err := fn(tx); err != nil {
			return jeton.Event{}, err
		}
		return jeton.Event{}, jeton.ErrUnchanged
	})
	if err != nil {
		f.Fatalf("reads of a change: %v", err)
	}
}

func (f *fixture) run(fn func(tx jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	return f.store.Change(f.ctx, jeton.Prefetch{}, fn)
}

// group runs n changes that are all queued before the first begins, in this order.
func (f *fixture) group(n int, fn func(i int, tx jeton.Tx) error) []Outcome {
	f.Helper()
	changes := make([]Change, n)
	for i := range changes {
		changes[i].Run = func(tx jeton.Tx) (jeton.Event, error) { return event(fmt.Sprint("target", i)), fn(i, tx) }
	}
	return Group(f, f.store, changes...)
}

func (f *fixture) head() jeton.Head {
	f.Helper()
	h, err := f.store.Head(f.ctx)
	f.must(err)
	return h
}

func (f *fixture) position() int64 {
	f.Helper()
	return f.head().Position
}

// user adds a user, after edit has changed it.
func (f *fixture) user(name string, edit ...func(*jeton.User)) jeton.User {
	f.Helper()
	u := jeton.User{
		ID: f.id(), Username: name, Email: name + "@example.com", FirstName: "First", LastName: "Last", Nickname: "Nick",
		Position: "Clerk", Locale: "en", Roles: []string{jeton.RoleSystemUser}, PasswordHash: "$hash$",
		CreateAt: start, UpdateAt: start, LastPasswordUpdate: start,
	}
	for _, e := range edit {
		e(&u)
	}
	f.change(func(tx jeton.Tx) error { return tx.AddUser(u) })
	return u
}

func bot(owner string) func(*jeton.User) {
	return func(u *jeton.User) {
		u.IsBot, u.BotOwnerID, u.BotDescription, u.PasswordHash = true, owner, "does things", ""
	}
}

// newToken returns a token without adding it.
func (f *fixture) newToken(owner string) jeton.Token {
	return jeton.Token{
		ID: f.id(), UserID: owner, Description: "for tests", Active: true, CreateAt: start, ExpiresAt: start + 1000,
		CreatedBy: owner, Hint: "h1nT",
	}
}

// token adds a token and returns it as the store returns it.
func (f *fixture) token(owner string, edit ...func(*jeton.Token)) jeton.Token {
	f.Helper()
	t, _ := f.tokenWith(owner, edit...)
	return t
}

func (f *fixture) tokenWith(owner string, edit ...func(*jeton.Token)) (jeton.Token, jeton.Digest) {
	f.Helper()
	t, d := f.newToken(owner), f.digest()
	for _, e := range edit {
		e(&t)
	}
	f.change(func(tx jeton.Tx) error { return tx.AddToken(t, d) })
	stored, err := f.store.Token(f.ctx, t.ID)
	f.must(err)
	return stored, d
}

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
	f.change(func(tx jeton.Tx) error { return tx.AddSession(s, d) })
	return s, d
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// returns ends the test if fn does not return in time.
func (f *fixture) returns(what string, fn func()) {
	f.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(waitLimit):
		f.Fatalf("%s did not return", what)
	}
}

// is compares a result with the expected one. A nil list is not equal to an empty one.
func (f *fixture) is(what string, got, want any) {
	f.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (f *fixture) fails(what string, err, want error) {
	f.Helper()
	if !errors.Is(err, want) {
		f.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// failsOtherwise wants an error that is none of namedErrors.
func (f *fixture) failsOtherwise(what string, err error) {
	f.Helper()
	if err == nil {
		f.Errorf("%s: no error", what)
	}
	for _, named := range namedErrors() {
		if errors.Is(err, named) {
			f.Errorf("%s: error %v, which means something else", what, err)
		}
	}
}

// namedErrors are the errors that the contract of a store gives a meaning.
func namedErrors() []error {
	return []error{
		jeton.ErrNotFound, jeton.ErrUsernameTaken, jeton.ErrEmailTaken, jeton.ErrRoleNameTaken, jeton.ErrUnchanged,
	}
}

func ids(tokens []jeton.Token) []string {
	out := []string{}
	for _, t := range tokens {
		out = append(out, t.ID)
	}
	return out
}

func names(users []jeton.User) []string {
	out := []string{}
	for _, u := range users {
		out = append(out, u.Username)
	}
	return out
}
