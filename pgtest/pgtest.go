// Package pgtest runs PostgreSQL for tests: one cluster for each test binary, started at the
// first call of URL, and a new database for each test. The cluster stops when the test
// binary ends, also if the binary is killed.
//
// It owns the processes that it starts and a directory under the system's temporary one. It
// must not touch any other cluster.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// shared is the cluster of this test binary. It is a package-level value because a test
// binary has one TestMain.
var shared struct {
	mu      sync.Mutex
	running bool // Main was called and has not ended
	server  *Server
	err     error
	made    atomic.Int64
}

// Main runs the tests and then stops the cluster, if there is one. It must be the only call
// in TestMain.
func Main(m *testing.M) {
	shared.mu.Lock()
	shared.running = true
	shared.mu.Unlock()
	defer stopShared()
	m.Run() // package testing makes its result the exit status
}

func stopShared() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.running = false
	if shared.server != nil {
		shared.server.Stop()
		_ = os.RemoveAll(shared.server.dir) // a temporary directory
	}
}

// URL returns the URL of a new, empty database, which is dropped when the test ends. The
// test fails if PostgreSQL is not installed: every store test must run on both engines.
func URL(t testing.TB) string {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatalf("no PostgreSQL to test on: %v", err)
	}
	name := fmt.Sprintf("test_%d", shared.made.Add(1))
	if err := s.exec(`CREATE DATABASE ` + name + ` TEMPLATE template0`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	return s.URL(name)
}

// start starts the cluster at the first call. Later calls return the same result.
func start() (*Server, error) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !shared.running {
		return nil, fmt.Errorf("TestMain does not call pgtest.Main, so nothing would stop it")
	}
	if shared.server == nil && shared.err == nil {
		var dir string
		// Short, and below a directory that every user can read.
		if dir, shared.err = os.MkdirTemp("", "pgtest"); shared.err == nil {
			if shared.server, shared.err = Start(dir, false); shared.err != nil {
				_ = os.RemoveAll(dir)
			}
		}
	}
	return shared.server, shared.err
}

// exec runs one statement on the database postgres.
func (s *Server) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // the statement's error is the one that counts
	_, err = conn.Exec(ctx, statement)
	return err
}
