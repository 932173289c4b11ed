package sqlstore

import (
	"context"
	"errors"
)

// Hot is a statement of which the plan matters.
type Hot struct {
	Text  string
	Args  []any
	Sorts bool // it may sort the few rows that it found
	Walks bool // it walks along the table in order, and its LIMIT ends that
}

// HotStatements returns the statements that requests wait for.
func HotStatements() map[string]Hot {
	const user, token = "user0000000000000000000007", "token000000000000000000042"
	return map[string]Hot{
		"tokenByID":     {Text: tokenByID, Args: []any{token}},
		"tokensOf":      {Text: tokensOf, Args: []any{user, 60, 0}, Sorts: true},
		"countTokensOf": {Text: countTokensOf, Args: []any{user}},
		"nearTokens":    {Text: nearTokens, Args: []any{200, 60}, Walks: true},
		"fromTokens":    {Text: fromTokens, Args: []any{200, 30, 10000}},
		"stretches":     {Text: stretches, Args: []any{0, 100, 164}, Sorts: true},
		"farTokens":     {Text: farTokens, Args: []any{200, 10000}, Sorts: true},
		"searchTokens":  {Text: searchTokens, Args: []any{"user7", 100}, Sorts: true},
		"tokensMadeBy":  {Text: tokensMadeBy, Args: []any{token, user}},
		"tokenByDigest": {Text: tokenByDigest, Args: []any{[]byte("digest"), 1}},
		"secretKnown":   {Text: secretKnown, Args: []any{[]byte("digest")}},
		"credential":    {Text: tokenCredentialByID, Args: []any{token}},
		"userByID":      {Text: userByID, Args: []any{user}},
		"userByName":    {Text: userByName, Args: []any{"user7"}},
		"userByEmail":   {Text: userByEmail, Args: []any{"user7@example.com"}},
		"ownerTokens":   {Text: ownerTokens, Args: []any{user}},
		"activeAdmins":  {Text: activeAdmins, Args: []any{"system_admin"}},
		"roleAssigned":  {Text: roleAssigned, Args: []any{"own"}},
		"setActive":     {Text: setTokensActive + "($2)", Args: []any{true, token}},
		"deleteTokens":  {Text: deleteTokens + "($1)", Args: []any{token}},
		"setLastUse":    {Text: setLastUse, Args: []any{token, int64(1), "192.0.2.1"}},
		"addUses":       {Text: addUses, Args: []any{token, int64(1), int64(1)}},
		"tokenUses":     {Text: tokenUses, Args: []any{token, 90}, Sorts: true},
		"eventsAfter":   {Text: eventsAfter, Args: []any{int64(1), 100}, Sorts: true},
		"deleteUses":    {Text: deleteUses + "($1)", Args: []any{token}},
		"clearUses":     {Text: clearUses, Args: []any{int64(1), int64(100)}},
		"clearRetired":  {Text: clearRetired, Args: []any{int64(1), int64(100)}},
		"retireSecrets": {Text: retireSecrets + "($2)", Args: []any{int64(1), token}},
	}
}

// HoldReaders takes all connections that lists and searches have, until release.
func (s *Store) HoldReaders(ctx context.Context) (release func(), err error) {
	var held []func()
	release = func() {
		for _, give := range held {
			give()
		}
	}
	for range s.options.Readers {
		give, err := s.hold(ctx)
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, give)
	}
	return release, nil
}

func (s *Store) hold(ctx context.Context) (give func(), err error) {
	switch e := s.engine.(type) {
	case *sqliteEngine:
		c, err := e.listing.take(ctx)
		return func() { e.listing.give(c) }, err
	case *postgresEngine:
		c, err := e.listing.pool.Acquire(ctx)
		return func() { c.Release() }, err
	}
	return nil, errors.New("an engine that is not known")
}

// SlowRead reads something that takes longer than any test.
func (s *Store) SlowRead(ctx context.Context) error {
	_, err := number(ctx, s.lists, stmt(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)
		SELECT COUNT(*) FROM n`))
	return err
}
