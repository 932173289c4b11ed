package sqlstore

import (
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"jeton"
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
	yes := true
	events := func(f jeton.EventFilter, h Hot) Hot {
		st, _ := eventsStatement(f, 10, 60)
		h.Text, h.Args = st.text, st.args
		return h
	}
	return map[string]Hot{
		"events":           {Text: newestEvents, Args: []any{5000, 60}, Sorts: true},
		"events of actor":  events(jeton.EventFilter{Actor: user}, Hot{Sorts: true}),
		"events of owner":  events(jeton.EventFilter{Owner: user}, Hot{Sorts: true}),
		"events on target": events(jeton.EventFilter{Target: token}, Hot{Sorts: true}),
		"refusals":         events(jeton.EventFilter{Refused: &yes}, Hot{Sorts: true}),
		"refusals of one":  events(jeton.EventFilter{Refused: &yes, Owner: user}, Hot{Sorts: true}),
		"events by action": events(jeton.EventFilter{Action: "test"}, Hot{Walks: true}),
		"countRefused":     {Text: countRefused, Args: []any{int64(1), int64(100)}, Sorts: true},
		"clearRefused":     {Text: deleteRefused, Args: []any{int64(1), int64(100)}, Sorts: true},
		"tokenByID":        {Text: tokenByID, Args: []any{token}},
		"tokensOf":         {Text: tokensOf, Args: []any{user, 60, 0}, Sorts: true},
		"countTokensOf":    {Text: countTokensOf, Args: []any{user}},
		"nearTokens":       {Text: nearTokens, Args: []any{200, 60}, Walks: true},
		"fromTokens":       {Text: fromTokens, Args: []any{200, 30, 10000}},
		"stretches":        {Text: stretches, Args: []any{0, 100, 164}, Sorts: true},
		"farTokens":        {Text: farTokens, Args: []any{200, 10000}, Sorts: true},
		"searchTokens":     {Text: searchTokens, Args: []any{"user7", 100}, Sorts: true},
		"tokensMadeBy":     {Text: tokensMadeBy, Args: []any{token, user}},
		"tokenByDigest":    {Text: tokenByDigest, Args: []any{[]byte("digest"), 1}},
		"secretKnown":      {Text: secretKnown, Args: []any{[]byte("digest")}},
		"credential":       {Text: tokenCredentialByID, Args: []any{token}},
		"userByID":         {Text: userByID, Args: []any{user}},
		"userByName":       {Text: userByName, Args: []any{"user7"}},
		"userByEmail":      {Text: userByEmail, Args: []any{"user7@example.com"}},
		"ownerTokens":      {Text: ownerTokens, Args: []any{user}},
		"activeAdmins":     {Text: activeAdmins, Args: []any{"system_admin"}},
		"roleAssigned":     {Text: roleAssigned, Args: []any{"own"}},
		"setActive":        {Text: setTokensActive + "($2)", Args: []any{true, token}},
		"deleteTokens":     {Text: deleteTokens + "($1)", Args: []any{token}},
		"setLastUse":       {Text: setLastUse, Args: []any{token, int64(1), "192.0.2.1"}},
		"addUses":          {Text: addUses, Args: []any{token, int64(1), int64(1)}},
		"tokenUses":        {Text: tokenUses, Args: []any{token, 90}, Sorts: true},
		"eventsAfter":      {Text: eventsAfter, Args: []any{int64(1), 100}, Sorts: true},
		"deleteUses":       {Text: deleteUses + "($1)", Args: []any{token}},
		"clearUses":        {Text: clearUses, Args: []any{int64(1), int64(100)}},
		"clearRetired":     {Text: clearRetired, Args: []any{int64(1), int64(100)}},
		"clearSessions":    {Text: clearSessions, Args: []any{int64(1), int64(100)}},
		"clearKnown":       {Text: clearKnown, Args: []any{int64(1), int64(100)}},
		"countExpired":     {Text: countExpired, Args: []any{user, int64(1)}},
		"firstExpired":     {Text: firstExpired, Args: []any{int64(1)}},
		"expiredOf":        {Text: expiredOf, Args: []any{user, int64(1), int64(100)}, Sorts: true},
		"setActivity":      {Text: setActivity, Args: []any{token, int64(1)}},
		"retireSecrets":    {Text: retireSecrets + "($2)", Args: []any{int64(1), token}},
	}
}

// MigrateTo brings the schema to one of the known versions.
func MigrateTo(ctx context.Context, url string, version int64) (err error) {
	o := Options{URL: url}.withDefaults()
	e, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	return migrateTo(ctx, e, o, version)
}

// MigrateWaiting migrates, and waits that long for another that does.
func MigrateWaiting(ctx context.Context, url string, wait time.Duration) (err error) {
	o := Options{URL: url}.withDefaults()
	e, err := openPostgres(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	e.migrateWait = wait
	_, _, err = migrate(ctx, e, o)
	return err
}

// ErrCrash ends a restore in the middle.
var ErrCrash = errors.New("crashed")

// CrashAt makes a restore end before the nth step on the disk of its swap.
func (r RestoreFile) CrashAt(n int) RestoreFile {
	r.step = func() error {
		if n--; n == 0 {
			return ErrCrash
		}
		return nil
	}
	return r
}

// WatchSettled reports whether the watch has seen the main file as it is now, with its
// identity in it.
func (s *Store) WatchSettled() bool {
	w := s.engine.(*sqliteEngine).watch
	now, err := stateOf(w.path)
	w.mu.Lock()
	defer w.mu.Unlock()
	return err == nil && w.armed && w.seen == now
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

// LimitReads sets the time that a read may take. No read may be under way.
func (s *Store) LimitReads(d time.Duration) {
	for _, p := range []pool{s.lists, s.quick} {
		switch p := p.(type) {
		case *sqlitePool:
			p.limit = d
		case *postgresPool:
			p.limit = d
		}
	}
}

// WriterSetting returns a setting of the session that changes go through.
func (s *Store) WriterSetting(ctx context.Context, name string) (value string, err error) {
	return value, s.committer.alone(ctx, func(w link) error {
		return one(ctx, w, stmtOnce(`SELECT current_setting($1)`, name), func(r row) { value = r.text(0) })
	})
}

// BulkSetting returns a setting of a transaction of bulk work, GroupSetting of one of
// changes.
func (s *Store) BulkSetting(ctx context.Context, name string) (value string, err error) {
	return s.settingWithin(ctx, false, name)
}

func (s *Store) GroupSetting(ctx context.Context, name string) (value string, err error) {
	return s.settingWithin(ctx, true, name)
}

func (s *Store) settingWithin(ctx context.Context, bounded bool, name string) (value string, err error) {
	return value, s.committer.alone(ctx, func(w link) error {
		defer w.ended()
		if _, err := w.begin(ctx, bounded); err != nil {
			return err
		}
		err := one(ctx, w, stmtOnce(`SELECT current_setting($1)`, name), func(r row) { value = r.text(0) })
		return errors.Join(err, w.rollback(ctx))
	})
}

// WriterExec runs a statement in the session that changes go through.
func (s *Store) WriterExec(ctx context.Context, text string) error {
	return s.committer.alone(ctx, func(w link) error {
		_, err := w.exec(ctx, stmtOnce(text))
		return err
	})
}

// WriterTCPTimeout returns how long the connection that changes go through may have
// sent something that the other machine's network does not confirm.
func (s *Store) WriterTCPTimeout(ctx context.Context) (d time.Duration, err error) {
	return d, s.committer.alone(ctx, func(w link) error {
		conn, ok := w.(*pipeline).conn.PgConn().Conn().(*net.TCPConn)
		if !ok {
			return errors.New("not a connection of TCP")
		}
		raw, err := conn.SyscallConn()
		if err != nil {
			return err
		}
		var ms int
		var optErr error
		err = raw.Control(func(fd uintptr) { ms, optErr = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT) })
		d = time.Duration(ms) * time.Millisecond
		return errors.Join(err, optErr)
	})
}
