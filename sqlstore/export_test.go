package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// MigrateTo makes a new database of an earlier version of the schema.
func MigrateTo(ctx context.Context, url string, version int64) error {
	e, err := open(ctx, Options{URL: url}.withDefaults())
	if err != nil {
		return err
	}
	p, err := newProvider(e)
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return errors.Join(err, e.close())
}

// Hot is a statement of which the plan matters.
type Hot struct {
	Text  string
	Args  []any
	Sorts bool // it may sort the few rows that it found
}

// HotStatements returns the statements that requests wait for.
func HotStatements() map[string]Hot {
	const user, token = "user0000000000000000000007", "token000000000000000000042"
	return map[string]Hot{
		"tokenByID":     {Text: tokenByID, Args: []any{token}},
		"tokensOf":      {Text: tokensOf, Args: []any{user, 60, 0}},
		"countTokensOf": {Text: countTokensOf, Args: []any{user}},
		"tokensFrom":    {Text: tokensFrom, Args: []any{10000, 200, 30}},
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
		"lastUse":       {Text: lastUse, Args: []any{token}},
		"usesByID":      {Text: usesByID, Args: []any{token, 90}, Sorts: true},
		"deleteUses":    {Text: deleteUses + "($1)", Args: []any{token}},
		"clearUses":     {Text: clearUses, Args: []any{int64(1), int64(100)}},
		"clearRetired":  {Text: clearRetired, Args: []any{int64(1), int64(100)}},
		"retireSecrets": {Text: retireSecrets + "($2)", Args: []any{int64(1), token}},
	}
}

// HoldReaders takes all connections that lists and searches have, until release.
func (s *Store) HoldReaders(ctx context.Context) (release func(), err error) {
	var held []*sql.Conn
	release = func() {
		for _, c := range held {
			_ = c.Close()
		}
	}
	for range s.options.Readers {
		c, err := s.engine.reader().Conn(ctx)
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, c)
	}
	return release, nil
}
