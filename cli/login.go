package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/spf13/cobra"

	"jeton/client"
)

// login is what a log-in is given.
type login struct {
	*remote
	username            string
	passwordIn, tokenIn bool
}

func newLogin(r *remote) *cobra.Command {
	l := login{remote: r}
	cmd := &cobra.Command{
		Use:   "login URL",
		Short: "Log in to a server",
		Long: `Log in to a server, and keep the session in sessions.json in the configuration
folder (~/.config/jeton), which only you may read. The password is asked for, or read
with --password-stdin; --token-stdin keeps a token instead, such as a bot's. Commands
then speak to the server logged in to last, or to that of --url.

JETON_URL and JETON_TOKEN work without a log-in.`,
		Example: `jeton login http://127.0.0.1:8065 --username admin --password-stdin < data/admin-password
jeton token create --for ci-bot --description laptop -q | jeton login http://127.0.0.1:8065 --token-stdin`,
		Args: arguments("URL"),
		RunE: func(cmd *cobra.Command, args []string) error { return l.run(cmd.Context(), args[0]) },
	}
	cmd.Flags().StringVar(&l.username, "username", "", "your `name` or e-mail address")
	passwordStdinFlag(cmd, &l.passwordIn)
	cmd.Flags().BoolVar(&l.tokenIn, "token-stdin", false, "read a token from stdin and keep it, instead of logging in")
	cmd.MarkFlagsMutuallyExclusive("password-stdin", "token-stdin")
	cmd.MarkFlagsMutuallyExclusive("username", "token-stdin")
	return cmd
}

func (l *login) run(ctx context.Context, server string) error {
	c, err := l.dial(server)
	if err != nil {
		return err
	}
	if l.caFile != "" {
		if l.caFile, err = filepath.Abs(l.caFile); err != nil {
			return err
		}
	}
	kept, err := l.readSessions()
	if err != nil {
		return err
	}
	user, secret, err := l.open(ctx, c)
	if err != nil {
		return err
	}
	if kept.Servers == nil {
		kept.Servers = map[string]keptSession{}
	}
	former, again := kept.find(c.URL())
	kept.Current = c.URL()
	kept.Servers[c.URL()] = keptSession{
		Username: user.Username, Secret: secret.Reveal(), IsToken: l.tokenIn, CAFile: l.caFile, PlainHTTP: l.plainHTTP,
	}
	if err := l.writeSessions(kept); err != nil {
		if !l.tokenIn {
			err = errors.Join(err, c.With(secret.Reveal()).LogOut(ctx)) // nobody could ever use it, or end it
		}
		return err
	}
	if again && !former.IsToken {
		_ = c.With(former.Secret).LogOut(ctx) // nobody has its secret any longer; it may be over anyway
	}
	fmt.Fprintf(l.err, "You are %s at %s.\n", clean(user.Username), c.URL())
	return nil
}

// open gets a secret that opens something, and whose it is.
func (l *login) open(ctx context.Context, c *client.Client) (client.User, client.Secret, error) {
	if l.tokenIn {
		lines, err := l.stdinLines(1)
		if err != nil {
			return client.User{}, "", err
		}
		user, err := c.With(lines[0]).User(ctx, client.Me)
		return user, client.Secret(lines[0]), explain(err, c.URL(), byGiven)
	}
	name := l.username
	if name == "" {
		if !l.attended() {
			return client.User{}, "", usage(errors.New("a username is needed, and nobody is at the terminal"), "add --username and --password-stdin")
		}
		var err error
		if name, err = l.shown("Username: "); err != nil {
			return client.User{}, "", err
		}
	}
	password, err := l.password("Password: ", l.passwordIn)
	if err != nil {
		return client.User{}, "", err
	}
	user, secret, err := c.LogIn(ctx, name, password)
	if e, ok := errors.AsType[*client.Error](err); ok && e.Status == http.StatusUnauthorized && e.ID != "" {
		return user, secret, hint(fmt.Errorf("the log-in was refused: %w", err), `see that name and password are right; "jeton admin reset-password" on the server's machine sets a new one`)
	}
	return user, secret, explain(err, c.URL(), "")
}

func newLogout(r *remote) *cobra.Command {
	return &cobra.Command{
		Use:     "logout",
		Short:   "End the session and forget it",
		Long:    "End the session at the server and forget it here. A token kept by --token-stdin is only forgotten.",
		Example: "jeton logout",
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kept, err := r.readSessions()
			if err != nil {
				return err
			}
			server := canonical(firstOf(r.url, kept.Current))
			session, found := kept.find(server)
			if !found {
				fmt.Fprintln(r.err, "You were not logged in.")
				return nil
			}
			r.reachedAs(session)
			return r.logOut(cmd.Context(), kept, server, session)
		},
	}
}

// logOut forgets the session first: whatever the server says, it is gone here.
func (r *remote) logOut(ctx context.Context, kept keptSessions, server string, session keptSession) error {
	delete(kept.Servers, server)
	if kept.Current == server {
		kept.Current = ""
	}
	if err := r.writeSessions(kept); err != nil {
		return err
	}
	if !session.IsToken {
		c, err := r.dial(server)
		if err == nil {
			err = c.With(session.Secret).LogOut(ctx)
		}
		if err != nil {
			return hint(fmt.Errorf("the session was forgotten here, but %s was not told: %w", server, err),
				`it ends by itself; to end it now, log in again and see "jeton session list"`)
		}
	}
	fmt.Fprintf(r.err, "You are logged out at %s.\n", server)
	return nil
}

func newWhoami(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Say who you are at which server",
		Example: `jeton whoami
jeton whoami --json`,
		Args: arguments(),
		RunE: r.calls(func(ctx context.Context, c *connection, _ []string) error {
			u, err := c.User(ctx, client.Me)
			if err != nil {
				return err
			}
			return printOne(r.terminal, p, u, u.Username, []field{
				{"server", c.URL()}, {"user", u.Username}, {"id", u.ID}, {"roles", u.Roles}, {"by", c.means},
			})
		}),
	}
	p.flags(cmd, "names")
	return cmd
}
