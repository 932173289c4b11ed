package sqlstore

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// NotUp reports whether the error of Open says that PostgreSQL does not run yet, or comes
// up just now, so that Open may succeed a little later: the connection was refused or
// broke, the host has no address, or the server starts. Errors that waiting does not cure,
// such as a wrong password or a missing database, are none of these.
func NotUp(err error) bool {
	notUp := false
	for _, e := range parts(err) {
		if refusal, ok := e.(*pgconn.PgError); ok { //nolint:errorlint // parts unwraps
			if !comesUp(refusal.Code) {
				return false // the server has answered
			}
			notUp = true
			continue
		}
		switch e.(type) { //nolint:errorlint // parts unwraps
		case *net.OpError, *net.DNSError:
			notUp = true
		}
		if e == io.EOF || e == io.ErrUnexpectedEOF || e == context.DeadlineExceeded || //nolint:errorlint // parts unwraps
			e == syscall.ECONNRESET || e == syscall.ENOENT { //nolint:errorlint // a Unix socket that is not there yet
			notUp = true
		}
	}
	return notUp
}

// comesUp reports whether an SQLSTATE means that a server goes down, comes up, or has no
// connection to spare, or is PgBouncer without its server.
func comesUp(code string) bool {
	return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08") || code == "53300"
}

// parts returns every error of a chain, also those of the branches of joined errors.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	out := []error{err}
	switch e := err.(type) { //nolint:errorlint // this is the unwrapping
	case interface{ Unwrap() error }:
		out = append(out, parts(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			out = append(out, parts(one)...)
		}
	}
	return out
}

// PlainText returns the hosts of a PostgreSQL URL to which a connection may go without TLS
// because neither the URL nor the environment (PGSSLMODE) decides: where the server, or an
// attacker in its place, offers no TLS, pgx does without. This machine itself does not count.
func PlainText(url string) []string {
	config, err := pgx.ParseConfig(url)
	if !IsPostgres(url) || err != nil {
		return nil
	}
	var hosts []string
	encrypted, plain := map[string]bool{}, map[string]bool{}
	add := func(host string, tls bool) {
		if local(host) {
			return
		}
		encrypted[host], plain[host] = encrypted[host] || tls, plain[host] || !tls
		if encrypted[host] && plain[host] && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	add(config.Host, config.TLSConfig != nil)
	for _, f := range config.Fallbacks {
		add(f.Host, f.TLSConfig != nil)
	}
	return hosts
}

// local reports whether a host is a Unix socket or this machine.
func local(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || strings.EqualFold(host, "localhost") ||
		err == nil && address.IsLoopback()
}

// Reason is why a database that answers cannot be used, and what cures that.
type Reason struct{ What, Cure string }

// reasons are the answers of the databases that name no cause a reader could act on, by
// SQLSTATE.
var reasons = map[string]Reason{
	"3F000": {"there is no schema to make the tables in", "make the schema that the role's search_path names, or set search_path: ALTER ROLE jeton SET search_path = ..."},
	"42501": {"the role lacks a privilege", "let the role own its database, or GRANT USAGE, CREATE ON SCHEMA public TO it; the tables must belong to it"},
	"3D000": {"the database does not exist", "make it: CREATE DATABASE ... OWNER ..."},
	"28P01": {"the password is wrong", "correct the user and the password in the URL"},
	"28000": {"the server does not let this user in", "correct the user, the password and sslmode in the URL, or the server's pg_hba.conf"},
	"53100": {"the server's disk is full", "make room on the server's disk"},
	"53300": {"the server has no connection to spare", "raise max_connections on the server, or stop other clients"},
	"25006": {"the server takes no writes: it is a standby, or its default is read-only", "name the primary, or all servers, in the URL"},
	"57P03": {"the server does not take connections yet", "wait until it is up: --db-wait"},
}

// Explain returns the reason of an error of a database, where it is one of those whose own
// text names no cure. ok is false for all others.
func Explain(err error) (r Reason, ok bool) {
	if r, ok = reasons[sqlState(err)]; ok {
		return r, true
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), strings.Contains(text, "database or disk is full"), strings.Contains(text, "SQLITE_FULL"):
		return Reason{"the disk is full", "make room on the disk of the database"}, true
	case errors.Is(err, syscall.EDQUOT):
		return Reason{"the quota of the disk is used up", "make room on the disk of the database, or raise the quota"}, true
	case errors.Is(err, syscall.EROFS), strings.Contains(text, "SQLITE_READONLY"), strings.Contains(text, "readonly database"):
		return Reason{"the database cannot be written", "make its file and its directory writable for this user"}, true
	case errors.Is(err, syscall.EACCES), strings.Contains(text, "permission denied"):
		return Reason{"this user may not read or write the database", "give the user its file and its directory, or run as another user"}, true
	}
	return Reason{}, false
}
