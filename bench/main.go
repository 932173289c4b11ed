// Command bench measures the built program, bin/jeton, on both engines with a million
// tokens. In the same run it measures the floor, a bare net/http server that sends an
// answer of the same size: without it, a figure from a shared machine says little.
// "make bench" builds and runs it.
//
// It owns the list of measurements and their output. It must not reach into the server: it
// uses the binary and HTTP only.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"jeton/pgtest"
)

// options holds the flags.
type options struct {
	program       string
	users, tokens int
	duration      time.Duration
	engine        string
}

func main() {
	var o options
	flag.StringVar(&o.program, "program", "bin/jeton", "the program to measure")
	flag.IntVar(&o.users, "users", 100_000, "users to seed")
	flag.IntVar(&o.tokens, "tokens", 1_000_000, "tokens to seed")
	flag.DurationVar(&o.duration, "duration", 5*time.Second, "how long each row is measured in a round")
	flag.StringVar(&o.engine, "engine", "both", "sqlite, postgres or both")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	program, err := filepath.Abs(o.program)
	if err != nil {
		return err
	}
	o.program = program
	describeMachine(os.Stdout)
	fmt.Printf("Each row: %s, 16 connections; %d users, %d tokens. The floor is a bare net/http server that gives the\n"+
		"answer of 10 tokens, in the same run on the same cores as its clients.\n", o.duration, o.users, o.tokens)
	if o.engine != "postgres" {
		if err := measureSQLite(ctx, o); err != nil {
			return fmt.Errorf("SQLite: %w", err)
		}
	}
	if o.engine != "sqlite" {
		if err := measurePostgres(ctx, o); err != nil {
			return fmt.Errorf("PostgreSQL: %w", err)
		}
	}
	printMattermost(os.Stdout)
	return nil
}

func measureSQLite(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "jeton-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	return measure(ctx, o, "SQLite", dir, "data/jeton.db")
}

// measurePostgres starts a cluster with fsync on, as in production.
func measurePostgres(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "jeton-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	clusterDir, err := os.MkdirTemp("", "jeton-pg")
	if err != nil {
		return err
	}
	defer os.RemoveAll(clusterDir) //nolint:errcheck // a temporary directory
	cluster, err := pgtest.Start(clusterDir, true)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	return measure(ctx, o, "PostgreSQL by its Unix socket, fsync on", dir, cluster.SocketURL("postgres"))
}
