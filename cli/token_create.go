package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"jeton/client"
)

// tokenCreate holds the flags of a new token.
type tokenCreate struct {
	*remote
	p                    printing
	owner, text, expires string
	scopes               []string
	none                 bool
}

func newTokenCreate(r *remote) *cobra.Command {
	in := tokenCreate{remote: r}
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a token and print its secret",
		Long: `Make a token for yourself, or for the user or bot of --for, and print its secret, which
is shown only this once. With -q only the secret goes to stdout.`,
		Example: `jeton token create --description "backup at night" --expires 90d
jeton token create --for ci-bot --scope deploy:write --description deploys
TOKEN=$(jeton token create --for ci-bot --description pipeline --expires 1y -q)`,
		Args: arguments(),
		RunE: r.calls(func(ctx context.Context, c *connection, _ []string) error { return in.run(ctx, c) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&in.owner, "for", client.Me, "the `owner`, a user or bot")
	flags.StringVar(&in.text, "description", "", "what the token is for")
	flags.StringVar(&in.expires, "expires", "never", "`when` it expires: 90d, 12h, 2w, 1y, 2027-01-31 or never")
	flags.StringSliceVar(&in.scopes, "scope", nil, "a `permission` that the token is narrowed to; repeat it for more")
	flags.BoolVar(&in.none, "no-permissions", false, "narrow it to no permission: it only identifies its owner")
	cmd.MarkFlagsMutuallyExclusive("scope", "no-permissions")
	_ = cmd.MarkFlagRequired("description") // fails for a flag that is not there
	in.p.flags(cmd, "the secret")
	complete(cmd, "for", r.completeFlag(accounts))
	complete(cmd, "scope", r.completeFlag(permissions))
	return cmd
}

func (in *tokenCreate) run(ctx context.Context, c *connection) error {
	at, err := parseWhen(in.now(), in.expires)
	if err != nil {
		return usage(fmt.Errorf("--expires %q: %w", in.expires, err), "use --expires 90d, or leave it out for a token that never expires")
	}
	owner, err := c.userID(ctx, in.owner)
	if err != nil {
		return err
	}
	scopes := in.scopes
	if in.none {
		scopes = []string{}
	} else if len(scopes) == 0 {
		scopes = nil // not narrowed
	}
	t, err := c.CreateToken(ctx, owner, client.NewToken{Description: in.text, ExpiresAt: at, Scopes: scopes})
	if err != nil {
		return err
	}
	return in.print(t)
}

// print prints the secret. If that fails, the error names the token, which must be
// revoked.
func (in *tokenCreate) print(t client.Token) error {
	err := in.printSecret(t)
	if err != nil {
		err = hint(errors.Join(errors.New("the token was made, but its secret could not be printed"), err), "revoke it, and make another: jeton token revoke %s", t.ID)
	}
	return err
}

func (in *tokenCreate) printSecret(t client.Token) error {
	if in.p.json {
		return printJSON(in.out, struct {
			client.Token
			Secret string `json:"token"`
		}{t, t.Secret.Reveal()})
	}
	if !in.p.quiet {
		expiry := "never expires"
		if t.ExpiresAt != 0 {
			expiry = "expires " + time.UnixMilli(t.ExpiresAt).UTC().Format(time.DateOnly)
		}
		fmt.Fprintf(in.err, "Token %s is made; it %s. Its secret, shown only now:\n", t.ID, expiry)
	}
	_, err := fmt.Fprintln(in.out, t.Secret.Reveal())
	return err
}
