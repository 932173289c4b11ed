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

// login holds the flags of a log-in.
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
		Long: `Log in to a server, and keep the session in ~/.config/jeton/sessions.json, which only
you can read. The command asks for the password, or reads it with --password-stdin;
with --token-stdin it keeps a token instead, for example a bot's. Later commands call
the server of --url, or the one of the latest log-in.

With JETON_URL and JETON_TOKEN no log-in is needed.`,
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
			err = errors.Join(err, c.With(secret.Reveal()).LogOut(ctx)) // its secret is lost, so it could not be ended later
		}
		return err
	}
	if again && !former.IsToken {
		_ = c.With(former.Secret).LogOut(ctx) // its secret is overwritten; it may have ended already
	}
	fmt.Fprintf(l.err, "You are %s at %s.\n", clean(user.Username), c.URL())
	return nil
}

// open logs in, or checks the token of stdin. It returns the user and the secret.
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
			return client.User{}, "", usage(errors.New("a username is needed, and there is no terminal to ask for it"), "add --username and --password-stdin")
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
		return user, secret, hint(fmt.Errorf("the log-in was refused: %w", err), `check the username and password; "jeton admin reset-password" on the server's machine sets a new password`)
	}
	return user, secret, explain(err, c.URL(), "")
}

func newLogout(r *remote) *cobra.Command {
	return &cobra.Command{
		Use:     "logout",
		Short:   "End the session",
		Long:    "End the session on the server and delete it from sessions.json. A token is only deleted from the file.",
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

// logOut deletes the session from the file first, whatever the server answers.
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
			return hint(fmt.Errorf("the session was deleted here, but not ended on %s: %w", server, err),
				`it expires by itself; to end it now, log in again and use "jeton session revoke"`)
		}
	}
	fmt.Fprintf(r.err, "You are logged out at %s.\n", server)
	return nil
}

func newWhoami(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Show the user and server that commands use",
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
