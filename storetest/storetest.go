// Package storetest is the conformance suite of stores: Run checks the contracts of
// jeton.Store, and the points in which databases are known to differ.
//
// It owns the cases and their fixture. It must not know any database: it uses a store's
// interface, and the hooks of Harness for what the interface does not offer.
package storetest

import (
	"context"
	"testing"

	"jeton"
)

// Harness gives the suite access to a store. Open is required. If a hook is nil, the suite
// skips the cases that need it.
type Harness struct {
	// Open returns a new, empty store that is closed when the test ends.
	Open func(t testing.TB) jeton.Store
	// HoldReaders occupies all connections for lists until release is called.
	HoldReaders func(t testing.TB, s jeton.Store) (release func())
	// SlowRead runs a read that takes the database at least a minute, on a connection for
	// lists, and returns its error.
	SlowRead func(ctx context.Context, s jeton.Store) error
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	for _, cases := range []map[string]func(*fixture){
		tokenCases(), userCases(), credentialCases(), journalCases(), changeCases(), groupCases(), readCases(), useCases(),
	} {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) { test(newFixture(t, h)) })
		}
	}
}

func tokenCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"Fresh":            testFresh,
		"TokenRoundTrip":   testTokenRoundTrip,
		"TokenScopes":      testTokenScopes,
		"TokensOf":         testTokensOf,
		"TokensOutOfRange": testTokensOutOfRange,
		"SearchTokens":     testSearchTokens,
		"SetTokensActive":  testSetTokensActive,
		"RemoveTokens":     testRemoveTokens,
		"TokensMadeBy":     testTokensMadeBy,
		"OwnerTokens":      testOwnerTokens,
		"PagesStayInPlace": testPagesStayInPlace,
		"PagesEqualModel":  testPagesEqualModel,
		"PagesAreOneRead":  testPagesAreOneRead,
	}
}

func userCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"UserRoundTrip": testUserRoundTrip,
		"UserUnique":    testUserUnique,
		"UsersFilter":   testUsersFilter,
		"UsersOrder":    testUsersOrder,
		"UsersDeep":     testUsersDeep,
		"UsersPrefix":   testUsersPrefix,
		"InvalidText":   testInvalidText,
		"Bots":          testBots,
		"ActiveAdmins":  testActiveAdmins,
		"RemoveUser":    testRemoveUser,
		"DisableBotsOf": testDisableBotsOf,
		"BotsOwned":     testBotsOwned,
		"Roles":         testRoles,
		"RoleAssigned":  testRoleAssigned,
		"RoleTable":     testRoleTable,
	}
}

func credentialCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"Credential":     testCredential,
		"CredentialByID": testCredentialByID,
		"Sessions":       testSessions,
		"KnownAddress":   testKnownAddress,
		"KnownNetworks":  testKnownNetworks,
		"LogIns":         testLogIns,
	}
}

func journalCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"JournalRoundTrip": testJournalRoundTrip,
		"JournalPages":     testJournalPages,
		"EventsAfter":      testEventsAfter,
		"EventsFilter":     testEventsFilter,
		"RefusalsCleared":  testRefusalsCleared,
		"Notes":            testNotes,
		"NotesBounded":     testNotesBounded,
	}
}

func changeCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"ChangeFails":         testChangeFails,
		"ChangeUnchanged":     testChangeUnchanged,
		"ChangeBadEvent":      testChangeBadEvent,
		"ChangePanics":        testChangePanics,
		"ChangeIgnoresError":  testChangeIgnoresError,
		"ChangeCancelled":     testChangeCancelled,
		"ChangeNotCutOff":     testChangeNotCutOff,
		"ChangeSeesTokens":    testChangeSeesTokens,
		"ChangeSeesUsers":     testChangeSeesUsers,
		"ChangeSeesSessions":  testChangeSeesSessions,
		"ChangeSeesRoles":     testChangeSeesRoles,
		"ChangeHiddenTillEnd": testChangeHiddenTillEnd,
		"ChangesAlone":        testChangesAlone,
		"ChangesOrdered":      testChangesOrdered,
		"CloseDrains":         testCloseDrains,
	}
}

func groupCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"GroupInOrder":        testGroupInOrder,
		"GroupKeepsOthers":    testGroupKeepsOthers,
		"GroupPairsOfFaults":  testGroupPairsOfFaults,
		"GroupEqualsSingles":  testGroupEqualsSingles,
		"PrefetchSameOutcome": testPrefetchSameOutcome,
	}
}

func readCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"ReadsDuringChange": testReadsDuringChange,
		"ReadCancelled":     testReadCancelled,
		"ReadWaitBounded":   testReadWaitBounded,
		"ReadRunBounded":    testReadRunBounded,
	}
}

func useCases() map[string]func(*fixture) {
	return map[string]func(*fixture){
		"Uses":           testUses,
		"UsesMany":       testUsesMany,
		"UsesDays":       testUseDays,
		"UsesRemoved":    testUsesRemoved,
		"UsesQueue":      testUsesQueue,
		"UsesNotStarved": testUsesNotStarved,
		"ClearOld":       testClearOld,
		"ClearEnded":     testClearEnded,
		"Expired":        testExpired,
		"Activity":       testActivity,
	}
}
