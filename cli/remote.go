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
	callTimeout   = 60 * time.Second // a change may wait for its turn

	byVariable  = "the token of " + tokenVariable
	byGiven     = "the token"
	byKeptToken = "the token kept of "
	byLogIn     = "the log-in of "
)

// remote is what the commands that call a server share: which one, and how it is
// reached.
type remote struct {
	*terminal
	url       string
	caFile    string
	plainHTTP bool
	timeout   time.Duration // of one call
}

// connection is a server, and who calls it.
type connection struct {
	*client.Client
	remote *remote
	means  string // how the caller says who he is, for people
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
		if cmd.Name() != "login" { // its argument says which
			flags.StringVar(&r.url, urlFlag, "", "the server's `URL`, instead of the one logged in to last")
		}
		flags.StringVar(&r.caFile, caFileFlag, "", "a PEM `file` of the authority that signed the server's certificate")
		flags.BoolVar(&r.plainHTTP, plainHTTPFlag, false, "allow http:// to another machine, where everybody between reads the secrets")
		flags.DurationVar(&r.timeout, timeoutFlag, callTimeout, "how long to wait for each answer of the server")
		refuseBadFlags(cmd)
		root.AddCommand(cmd)
	}
}

// refuseBadFlags has a command, and those below it, judge their flags before they
// begin.
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

// connect returns the server to call: that of --url or JETON_URL, else the one
// logged in to last. JETON_TOKEN says who calls, else the session kept of that
// very server: a session never goes to another one.
func (r *remote) connect() (*connection, error) {
	secret := strings.TrimSpace(r.env(tokenVariable)) // from a file it may have a line's end
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
	return nil, hint(fmt.Errorf("nobody is logged in at %s", c.URL()), `log in by "jeton login %s", or set %s`, c.URL(), tokenVariable)
}

// reach returns the server to call, and the session that is kept of it, which is
// not needed by who has a secret.
func (r *remote) reach(hasSecret bool) (c *client.Client, session keptSession, found bool, err error) {
	kept, err := r.readSessions()
	if err != nil && (!hasSecret || r.url == "") { // else nothing of it is needed
		return nil, session, false, err
	}
	server := canonical(firstOf(r.url, kept.Current))
	if server == "" {
		return nil, session, false, hint(errors.New("no server is known"), `log in by "jeton login URL", or set %s and %s`, variable(urlFlag), tokenVariable)
	}
	session, found = kept.find(server)
	r.reachedAs(session)
	c, err = r.dial(server)
	return c, session, found, err
}

// reachedAs takes over how the server was reached at the log-in, where the flags say
// nothing else.
func (r *remote) reachedAs(session keptSession) {
	r.caFile, r.plainHTTP = firstOf(r.caFile, session.CAFile), r.plainHTTP || session.PlainHTTP
}

// dial returns a client of a server that says no name yet.
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
		return nil, usage(fmt.Errorf("--%s %s is no time at all", timeoutFlag, r.timeout), "say --%s %s", timeoutFlag, callTimeout)
	}
	c, err := client.New(canonical(server),
		client.WithHTTPClient(&http.Client{Transport: transport, Timeout: r.timeout}),
		client.WithUserAgent("jeton/"+version))
	if err != nil {
		return nil, usage(err, "give a URL like https://tokens.example.org")
	}
	if !r.plainHTTP && overheard(c.URL()) {
		return nil, usage(fmt.Errorf("%s is not https: everybody between here and there could read the secrets", c.URL()),
			"use https, or add --%s if the way there is safe", plainHTTPFlag)
	}
	return c, nil
}

func authorities(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, usage(fmt.Errorf("--%s: %w", caFileFlag, err), "name a file with the authority's certificate")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, usage(fmt.Errorf("--%s: %s holds no certificate", caFileFlag, path), "it has to begin with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// overheard reports whether what goes to a server can be read on the way: http to
// anything but this machine.
func overheard(server string) bool {
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "https" {
		return err != nil
	}
	ip := net.ParseIP(u.Hostname())
	return !strings.EqualFold(u.Hostname(), "localhost") && (ip == nil || !ip.IsLoopback())
}

// calls makes the function of a command that calls the server, and says of its
// error what to do next.
func (r *remote) calls(run func(ctx context.Context, c *connection, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := r.connect()
		if err != nil {
			return err
		}
		return explain(run(cmd.Context(), c, args), c.URL(), c.means)
	}
}
