// Package storetest is what every store must pass: Run holds a store against
// the contracts of jeton.Store, case by case, with the places where databases
// are known to differ among them.
//
// It knows no engine, and reaches a store through its interface alone.
package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton"
)

// Run runs the suite. open returns a new, empty store, closed with the test.
func Run(t *testing.T, open func(t testing.TB) jeton.Store) {
	for name, test := range map[string]func(*fixture){
		"Fresh":                testFresh,
		"TokenRoundTrip":       testTokenRoundTrip,
		"TokenScopes":          testTokenScopes,
		"TokensOf":             testTokensOf,
		"TokensOutOfRange":     testTokensOutOfRange,
		"PagesStayInPlace":     testPagesStayInPlace,
		"PagesEqualNaive":      testPagesEqualNaive,
		"SearchTokens":         testSearchTokens,
		"SetTokensActive":      testSetTokensActive,
		"RemoveTokens":         testRemoveTokens,
		"TokensMadeBy":         testTokensMadeBy,
		"Credential":           testCredential,
		"CredentialByID":       testCredentialByID,
		"OwnerTokens":          testOwnerTokens,
		"UserRoundTrip":        testUserRoundTrip,
		"UserUnique":           testUserUnique,
		"UsersFilter":          testUsersFilter,
		"UsersOrder":           testUsersOrder,
		"UsersPrefix":          testUsersPrefix,
		"UsersTextThatIsNone":  testTextThatIsNone,
		"Bots":                 testBots,
		"ActiveAdmins":         testActiveAdmins,
		"RemoveUser":           testRemoveUser,
		"DisableBotsOf":        testDisableBotsOf,
		"Roles":                testRoles,
		"RoleAssigned":         testRoleAssigned,
		"RoleTable":            testRoleTable,
		"Sessions":             testSessions,
		"SessionsKeep":         testSessionsKeep,
		"KnownAddress":         testKnownAddress,
		"JournalRoundTrip":     testJournalRoundTrip,
		"JournalPages":         testJournalPages,
		"EventsAfter":          testEventsAfter,
		"JournalInChange":      testJournalInChange,
		"Notes":                testNotes,
		"ChangeFails":          testChangeFails,
		"ChangeWithoutEvent":   testChangeWithoutEvent,
		"ChangePanics":         testChangePanics,
		"ChangeGoesOn":         testChangeGoesOn,
		"ChangeSeesItself":     testChangeSeesItself,
		"ChangeCancelled":      testChangeCancelled,
		"ChangeBegunIsFinish":  testChangeBegun,
		"ChangesAlone":         testChangesAlone,
		"ChangesOrdered":       testChangesOrdered,
		"NeighboursSurvive":    testNeighboursSurvive,
		"Ahead":                testAhead,
		"ReadersWaitForNobody": testReadersWaitForNobody,
		"ReadCancelled":        testReadCancelled,
		"Uses":                 testUses,
		"UsesMany":             testUsesMany,
		"UsesDays":             testUseDays,
		"UsesGo":               testUsesGo,
		"UsesQueue":            testUsesQueue,
		"UsesNotStarved":       testUsesNotStarved,
		"ClearOld":             testClearOld,
		"CloseDrains":          testCloseDrains,
	} {
		t.Run(name, func(t *testing.T) { test(&fixture{T: t, store: open(t), ctx: t.Context()}) })
	}
}

// fixture is a store, and what makes rows for it.
type fixture struct {
	*testing.T
	store jeton.Store
	ctx   context.Context
	made  uint64
}

// errRefused is what a change of these tests fails with.
var errRefused = errors.New("refused")

const start = int64(1_700_000_000_000) // the time of everything here, in milliseconds

// id returns a new id; they grow.
func (f *fixture) id() string {
	f.made++
	return fmt.Sprintf("%026d", f.made)
}

func (f *fixture) digest() (d jeton.Digest) {
	f.made++
	d[0] = 1
	binary.BigEndian.PutUint64(d[1:], f.made*0x9E3779B97F4A7C15) // any order but this one
	return d
}

func event(target string) jeton.Event {
	return jeton.Event{At: start, Actor: jeton.ActorLocal, Action: "test", Target: target}
}

// change runs a change that must go well.
func (f *fixture) change(fn func(tx jeton.Tx) error) jeton.Event {
	f.Helper()
	e, err := f.try(fn)
	if err != nil {
		f.Fatalf("change: %v", err)
	}
	return e
}

// try runs a change. fn runs on a goroutine of the store: it must not end the test.
func (f *fixture) try(fn func(tx jeton.Tx) error) (jeton.Event, error) {
	return f.store.Change(f.ctx, func(tx jeton.Tx) (jeton.Event, error) { return event("target"), fn(tx) })
}

// user adds a user; edit may change it before.
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
	f.change(func(tx jeton.Tx) error { return tx.AddUser(f.ctx, u) })
	return u
}

func bot(owner string) func(*jeton.User) {
	return func(u *jeton.User) {
		u.IsBot, u.BotOwnerID, u.BotDescription, u.PasswordHash = true, owner, "does things", ""
	}
}

// newToken returns a token that is not added yet.
func (f *fixture) newToken(owner string) jeton.Token {
	return jeton.Token{
		ID: f.id(), UserID: owner, Description: "for tests", Active: true, CreateAt: start, ExpiresAt: start + 1000,
		CreatedBy: owner, Hint: "h1nT",
	}
}

// token adds a token and returns it as the store keeps it.
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
	f.change(func(tx jeton.Tx) error { return tx.AddToken(f.ctx, t, d) })
	kept, err := f.store.Token(f.ctx, t.ID)
	f.must(err)
	return kept, d
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// is compares what was got with what was wanted; nil and empty lists differ.
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

// failsOtherwise wants an error that says that the store failed.
func (f *fixture) failsOtherwise(what string, err error) {
	f.Helper()
	if err == nil {
		f.Errorf("%s: no error", what)
	}
	for _, named := range []error{jeton.ErrNotFound, jeton.ErrUsernameTaken, jeton.ErrEmailTaken, jeton.ErrRoleNameTaken} {
		if errors.Is(err, named) {
			f.Errorf("%s: error %v, which means something else", what, err)
		}
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

func testFresh(f *fixture) {
	any, err := f.store.AnyUser(f.ctx)
	f.must(err)
	f.is("any user", any, false)
	h, err := f.store.Head(f.ctx)
	f.must(err)
	f.is("epoch's length", len(h.Epoch), 26)
	f.is("position", h.Position, int64(0))
	page, err := f.store.Tokens(f.ctx, 0, 10)
	f.must(err)
	f.is("tokens", page, jeton.TokenPage{Tokens: []jeton.Token{}})
	page, err = f.store.TokensOf(f.ctx, f.id(), 0, 10)
	f.must(err)
	f.is("tokens of nobody", page, jeton.TokenPage{Tokens: []jeton.Token{}})
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
	_, err = f.store.Session(f.ctx, f.id())
	f.fails("session", err, jeton.ErrNotFound)
}
