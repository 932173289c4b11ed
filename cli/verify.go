package cli

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"jeton/client"
)

func newVerify(r *remote) *cobra.Command {
	var p printing
	var required []string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check a token: its owner and permissions",
		Long: `Read a token's secret from stdin, and print its owner and which of your organisation's
permissions it holds, as a reverse proxy receives them. The exit status is 0 if the
token is valid and holds the required permissions, otherwise 1. No log-in is needed.`,
		Example: `jeton verify < secret
jeton verify --require deploy:write -q < secret`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := r.verify(cmd.Context(), required)
			if err != nil {
				return err
			}
			return printOne(r.terminal, p, v, v.Username, []field{
				{"user", v.Username},
				{"id", v.UserID},
				{"roles", strings.Join(v.Roles, " ")},
				{"token", firstOf(v.TokenID, "none: it is a session")},
				{"expires", exact(r.now(), v.ExpiresAt)},
				{"may", mayText(v)},
			})
		},
	}
	cmd.Flags().StringSliceVar(&required, "require", nil, "a `permission` that the token must hold; repeat it for more")
	complete(cmd, "require", r.completeFlag(permissions))
	p.flags(cmd, "the owner's name")
	return cmd
}

func mayText(v client.Verified) string {
	switch {
	case v.ScopesTruncated:
		return "too many to list: use --require"
	case len(v.Scopes) == 0:
		return "nothing of your own permissions"
	}
	return strings.Join(v.Scopes, " ")
}

// verify verifies the secret of stdin.
func (r *remote) verify(ctx context.Context, required []string) (client.Verified, error) {
	c, _, _, err := r.reach(true)
	if err != nil {
		return client.Verified{}, err
	}
	secret, err := r.secret()
	if err != nil {
		return client.Verified{}, err
	}
	v, err := c.With(secret).Verify(ctx, required...)
	if e, ok := errors.AsType[*client.Error](err); ok && e.ID != "" {
		switch e.Status {
		case http.StatusForbidden:
			return v, hint(err, `"jeton verify" without --require shows its permissions, which follow from its owner's roles and its scopes`)
		case http.StatusBadRequest:
			return v, usage(err, "--require takes names of permissions, such as deploy:write, and the secret must be alone on a line")
		}
	}
	return v, explain(err, c.URL(), byGiven)
}

// secret asks for a token's secret at the terminal, or reads it from stdin.
func (r *remote) secret() (string, error) {
	if r.attended() {
		return r.hidden("Secret: ")
	}
	lines, err := r.stdinLines(1)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(lines[0]), nil
}
