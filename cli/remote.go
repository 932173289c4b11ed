package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jeton/client"
)

const (
	urlFlag       = "url"
	caFileFlag    = "ca-file"
	plainHTTPFlag = "plain-http"
	timeoutFlag   = "timeout"
	tokenVariable = "JETON_TOKEN"
	callTimeout   = 60 * time.Second // changes may be queued

	byVariable  = "the token of " + tokenVariable
	byGiven     = "the token"
	byKeptToken = "the token kept of "
	byLogIn     = "the log-in of "
)

// remote is shared by the commands that call a server: which server, and how it is
// reached.
type remote struct {
	*terminal
	url       string
	caFile    string
	plainHTTP bool
	timeout   time.Duration // of one call
}

// connection is an authenticated client of a server.
type connection struct {
	*client.Client
	remote *remote
	means  string // how the caller is authenticated, for messages
}

// addRemote adds the commands that call a server.
func addRemote(root *cobra.Command, t *terminal) {
	r := &remote{terminal: t}
	for _, cmd := range []*cobra.Command{
		newLogin(r), newLogout(r), newWhoami(r),
		newToken(r), newUser(r), newBot(r), newRole(r), newSession(r), newAudit(r), newVerify(r),
	} {
		cmd.GroupID = clientGroup
		flags := cmd.PersistentFlags()
		if cmd.Name() != "login" { // it has an argument for that
			flags.StringVar(&r.url, urlFlag, "", "the server's `URL`, instead of the server of the latest log-in")
		}
		flags.StringVar(&r.caFile, caFileFlag, "", "a PEM `file` with the certificate of the authority that signed the server's")
		flags.BoolVar(&r.plainHTTP, plainHTTPFlag, false, "allow http:// to another machine: the network between can read the secrets")
		flags.DurationVar(&r.timeout, timeoutFlag, callTimeout, "how long to wait for each response of the server")
		refuseBadFlags(cmd)
		root.AddCommand(cmd)
	}
}

// refuseBadFlags makes a command and its subcommands validate their flags before they
// start.
func refuseBadFlags(cmd *cobra.Command) {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkedFlags(cmd); err != nil {
			return err
		}
		return run(cmd, args)
	}
	for _, sub := range cmd.Commands() {
		refuseBadFlags(sub)
	}
}

// connect returns a client of the server of --url or JETON_URL, otherwise of the latest
// log-in. It authenticates with JETON_TOKEN, otherwise with the session kept for that
// server: a session is never sent to another one.
func (r *remote) connect() (*connection, error) {
	secret, err := r.setting(tokenVariable)
	if err != nil {
		return nil, err
	}
	secret = strings.TrimSpace(secret) // a newline of the file that it was read from
	c, session, found, err := r.reach(secret != "")
	if err != nil {
		return nil, err
	}
	switch {
	case secret != "":
		return &connection{Client: c.With(secret), remote: r, means: byVariable}, nil
	case found && session.IsToken:
		return &connection{Client: c.With(session.Secret), remote: r, means: byKeptToken + session.Username}, nil
	case found:
		return &connection{Client: c.With(session.Secret), remote: r, means: byLogIn + session.Username}, nil
	}
	return nil, hint(fmt.Errorf("you are not logged in at %s", c.URL()), `log in by "jeton login %s", or set %s`, c.URL(), tokenVariable)
}

// reach returns a client of the server to call, without a secret, and the session that
// is kept for it. If the caller has a secret, no session is needed.
func (r *remote) reach(hasSecret bool) (c *client.Client, session keptSession, found bool, err error) {
	kept, err := r.readSessions()
	if err != nil && (!hasSecret || r.url == "") { // otherwise the file is not needed
		return nil, session, false, err
	}
	server := canonical(firstOf(r.url, kept.Current))
	if server == "" {
		return nil, session, false, hint(errors.New("there is no server to call"), `log in by "jeton login URL", or set %s and %s`, variable(urlFlag), tokenVariable)
	}
	session, found = kept.find(server)
	r.reachedAs(session)
	c, err = r.dial(server)
	return c, session, found, err
}

// reachedAs uses the connection settings of the log-in where no flag is given.
func (r *remote) reachedAs(session keptSession) {
	r.caFile, r.plainHTTP = firstOf(r.caFile, session.CAFile), r.plainHTTP || session.PlainHTTP
}

// dial returns a client of a server, without a secret.
func (r *remote) dial(server string) (*client.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if r.caFile != "" {
		pool, err := authorities(r.caFile)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	if r.timeout <= 0 {
		return nil, usage(fmt.Errorf("--%s %s is not positive", timeoutFlag, r.timeout), "use --%s %s", timeoutFlag, callTimeout)
	}
	c, err := client.New(canonical(server),
		client.WithHTTPClient(&http.Client{Transport: transport, Timeout: r.timeout}),
		client.WithUserAgent("jeton/"+version))
	if err != nil {
		return nil, usage(err, "give a URL like https://tokens.example.org")
	}
	if !r.plainHTTP && overheard(c.URL()) {
		return nil, usage(fmt.Errorf("%s is not https: the network between could read the secrets", c.URL()),
			"use https, or add --%s if the network is safe", plainHTTPFlag)
	}
	return c, nil
}

func authorities(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, usage(fmt.Errorf("--%s: %w", caFileFlag, err), "give a file with the authority's certificate")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, usage(fmt.Errorf("--%s: %s holds no certificate", caFileFlag, path), "it must contain -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// overheard reports whether the network can read what is sent to a server: http to
// another machine.
func overheard(server string) bool {
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "https" {
		return err != nil
	}
	ip := net.ParseIP(u.Hostname())
	return !strings.EqualFold(u.Hostname(), "localhost") && (ip == nil || !ip.IsLoopback())
}

// calls returns the RunE of a command that calls the server; its errors have advice.
func (r *remote) calls(run func(ctx context.Context, c *connection, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := r.connect()
		if err != nil {
			return err
		}
		return explain(run(cmd.Context(), c, args), c.URL(), c.means)
	}
}
