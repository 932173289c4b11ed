package sqlstore_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"jeton/sqlstore"
)

// What waiting may cure, and what it does not, also where several hosts were tried.
func TestNotUp(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	state := func(code string) error { return fmt.Errorf("connect: %w", &pgconn.PgError{Code: code}) }
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"refused":                    {refused, true},
		"no address":                 {&net.DNSError{IsNotFound: true}, true},
		"starting":                   {state("57P03"), true},
		"going down":                 {state("57P01"), true},
		"no connection to spare":     {state("53300"), true},
		"PgBouncer without a server": {state("08P01"), true},
		"broken":                     {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"both":                       {errors.Join(refused, state("57P03")), true},
		"wrong password":             {state("28P01"), false},
		"no database":                {state("3D000"), false},
		"no privilege":               {state("42501"), false},
		"one down, one refuses":      {errors.Join(refused, state("28P01")), false},
		"of another kind":            {errors.New("the schema is newer"), false},
		"none":                       {nil, false},
	} {
		if got := sqlstore.NotUp(tt.err); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPlainText(t *testing.T) {
	for url, want := range map[string][]string{
		"a.db":                                       nil,
		"postgres://u@db.example.org/j":              {"db.example.org"},
		"postgres://u@a,b:5433,localhost/j":          {"a", "b"},
		"postgres://u@a/j?sslmode=prefer":            {"a"},
		"postgres://u@a/j?sslmode=allow":             {"a"},
		"postgres://u@a/j?sslmode=disable":           nil,
		"postgres://u@a/j?sslmode=require":           nil,
		"postgres://u@a/j?sslmode=verify-full":       nil,
		"postgres://u@127.0.0.1/j":                   nil,
		"postgres://u@[::1]/j":                       nil,
		"postgres://u@LOCALHOST/j":                   nil,
		"postgres:///j?host=/run/postgresql":         nil,
		"postgres://u@/j?host=db.example.org":        {"db.example.org"},
		"postgres://u@10.0.0.5/j?application_name=x": {"10.0.0.5"},
		"postgres://u@%zz/j":                         nil,
	} {
		if got := sqlstore.PlainText(url); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}
