// Package pgtest gives tests a PostgreSQL of their own: one cluster for a test
// binary, started when it is first asked for, and a fresh database for each
// test. Nothing of it outlives the binary, however that ends.
//
// It owns processes and a directory below the system's temporary one, and
// touches no cluster that it did not start.
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

// shared is the cluster of this test binary. A test binary has one TestMain, so
// one package-level value is what there is.
var shared struct {
	mu      sync.Mutex
	running bool // Main was called and has not ended
	server  *Server
	err     error
	made    atomic.Int64
}

// Main runs the tests and then stops the cluster, if there is one: call it as
// all of TestMain.
func Main(m *testing.M) {
	shared.mu.Lock()
	shared.running = true
	shared.mu.Unlock()
	defer stopShared()
	m.Run() // its result is the process's: see package testing
}

func stopShared() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.running = false
	if shared.server != nil {
		shared.server.Stop()
		_ = os.RemoveAll(shared.server.dir) // temporary anyway
	}
}

// URL returns the URL of a new, empty database, dropped when the test ends. A
// missing PostgreSQL fails the test: a store that is not tested on both engines
// is not tested.
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

// start starts the cluster once, and answers the same ever after.
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

// exec runs one statement on the cluster's own database.
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
