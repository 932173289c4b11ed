package sqlstore_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
	"jeton/storetest"
)

// TestPooler runs the suite through PgBouncer in transaction mode. The URL has no
// parameter for it.
func TestPooler(t *testing.T) {
	b := pgtest.StartBouncer(t, 4)
	h := harness("postgres")
	h.Open = func(t testing.TB) jeton.Store {
		return mustOpen(t, sqlstore.Options{URL: b.URL(t, pgtest.URL(t)), Idle: time.Minute})
	}
	storetest.Run(t, h)
}

// TestPoolerByParameter: any way of sending statements that the URL names works.
func TestPoolerByParameter(t *testing.T) {
	b := pgtest.StartBouncer(t, 2)
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			s := mustOpen(t, sqlstore.Options{URL: b.URL(t, pgtest.URL(t)) + "&default_query_exec_mode=" + mode})
			addUser(t, s, "ann")
			reads(t, s, "ann")
			isWhole(t, s)
		})
	}
}

// TestPoolerMigratesAndSeeds: what tools do works through a pooler, too.
func TestPoolerMigratesAndSeeds(t *testing.T) {
	b := pgtest.StartBouncer(t, 2)
	earlier := earlierSchemas[1] // the last one whose tokens move
	at := pgtest.URL(t)
	earlierDatabase(t, at, earlier.version, earlier.seed)
	isWhole(t, mustOpen(t, sqlstore.Options{URL: b.URL(t, at)}))

	s := mustOpen(t, sqlstore.Options{URL: b.URL(t, pgtest.URL(t))})
	if err := s.Seed(t.Context(), seedOf(10, 100), nil); err != nil {
		t.Fatal(err)
	}
	isWhole(t, s)
}

// TestPoolerSettings: behind a pooler a transaction of changes has its time-outs, and
// the sessions that all clients share keep their own.
func TestPoolerSettings(t *testing.T) {
	const sessions = 2
	b := pgtest.StartBouncer(t, sessions)
	at := pgtest.URL(t)
	exec(t, raw(t, at), `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = off'; END $$`)
	s := mustOpen(t, sqlstore.Options{URL: b.URL(t, at)})
	for name, want := range map[string]string{
		"idle_in_transaction_session_timeout": "1s", "lock_timeout": "5s", "statement_timeout": "8s", "synchronous_commit": "on",
	} {
		if got, err := s.GroupSetting(t.Context(), name); err != nil || got != want {
			t.Errorf("%s of changes is %q, want %q; %v", name, got, want, err)
		}
	}
	for i := range 10 {
		addUser(t, s, fmt.Sprint("user", i))
		finds(t, s, fmt.Sprint("user", i))
	}
	for range sessions { // each holds one of the sessions
		c := session(t, b.URL(t, at)+"&default_query_exec_mode=exec")
		execOn(t, c, `BEGIN`)
		for name, want := range map[string]string{
			"idle_in_transaction_session_timeout": "0", "lock_timeout": "0", "statement_timeout": "0", "synchronous_commit": "off",
			"plan_cache_mode": "auto", "tcp_user_timeout": "0",
		} {
			var got string
			if err := c.QueryRowContext(t.Context(), `SELECT current_setting($1)`, name).Scan(&got); err != nil || got != want {
				t.Errorf("%s of a session is %q, want %q; %v", name, got, want, err)
			}
		}
	}
}

// TestPoolerKilled: what was answered before a pooler died is there, and the service
// goes on when the pooler is back.
func TestPoolerKilled(t *testing.T) {
	b := pgtest.StartBouncer(t, 4)
	s := mustOpen(t, sqlstore.Options{URL: b.URL(t, pgtest.URL(t))})
	var done sync.Map
	for round := range 3 {
		var writers sync.WaitGroup
		stop := make(chan struct{})
		some := make(chan struct{}, 1)
		for w := range 4 {
			writers.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					name := fmt.Sprintf("user%d-%d-%d", round, w, i)
					if change(s, adds(name)) != nil {
						return
					}
					done.Store(name, true)
					select {
					case some <- struct{}{}:
					default:
					}
				}
			})
		}
		<-some
		b.Kill()
		close(stop)
		writers.Wait()
		if err := b.Start(); err != nil {
			t.Fatal(err)
		}
		took(t, "to go on", 10*time.Second, func() { addUser(t, s, fmt.Sprint("after", round)) })
		finds(t, s, fmt.Sprint("after", round))
	}
	n := 0
	done.Range(func(name, _ any) bool {
		n++
		finds(t, s, name.(string))
		return true
	})
	t.Logf("%d changes were answered", n)
	isWhole(t, s)
}

// TestPoolerOfOneConnection: a migration says what it needs, and all else needs no more
// than one connection.
func TestPoolerOfOneConnection(t *testing.T) {
	b := pgtest.StartBouncer(t, 1)
	at := pgtest.URL(t)
	_, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: b.URL(t, at)})
	if err == nil || !strings.Contains(err.Error(), "two server connections") || !strings.Contains(err.Error(), "the server itself") {
		t.Errorf("a migration through one connection: %v", err)
	}
	addUser(t, mustOpen(t, sqlstore.Options{URL: at}), "ann")
	s := mustOpen(t, sqlstore.Options{URL: b.URL(t, at)})
	finds(t, s, "ann")
	addUser(t, s, "bob")
}

// TestMigrationWaits: the lock of migrations is one that every role can take, so that
// the holder is named.
func TestMigrationWaits(t *testing.T) {
	at := pgtest.URL(t)
	admin := raw(t, at)
	exec(t, admin, `CREATE ROLE blocker LOGIN`)
	t.Cleanup(func() { _, _ = admin.ExecContext(context.Background(), `DROP ROLE blocker`) })
	u := mustParse(t, at)
	u.User = url.User("blocker")
	execOn(t, session(t, u.String()), `SELECT pg_advisory_lock(5047241938706184214)`)
	took(t, "to give up", 5*time.Second, func() {
		err := sqlstore.MigrateWaiting(t.Context(), at, 100*time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), "of role blocker") || !strings.Contains(err.Error(), "5047241938706184214") {
			t.Errorf("a migration that another role holds up: %v", err)
		}
	})
}

// finds wants a user to be there.
func finds(t *testing.T, s *sqlstore.Store, name string) {
	t.Helper()
	if _, err := s.UserByName(t.Context(), name); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
