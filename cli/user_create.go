package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"jeton/client"
)

// userCreate holds the flags of a new account.
type userCreate struct {
	*remote
	p         printing
	new       client.NewUser
	roles     []string
	fromStdin bool
}

func newUserCreate(r *remote) *cobra.Command {
	in := userCreate{remote: r}
	cmd := &cobra.Command{
		Use:   "create USERNAME",
		Short: "Make an account",
		Long:  "Make an account. The command asks for its password, or reads it with --password-stdin.",
		Example: `jeton user create carol --email carol@example.org --password-stdin < password
jeton user create dave --email dave@example.org --role system_user,deployer --password-stdin < password`,
		Args: arguments("USERNAME"),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			in.new.Username = args[0]
			return in.run(ctx, c)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&in.new.Email, "email", "", "the e-mail `address`")
	flags.StringVar(&in.new.FirstName, "first-name", "", "the first `name`")
	flags.StringVar(&in.new.LastName, "last-name", "", "the last `name`")
	flags.StringSliceVar(&in.roles, "role", nil, "the `roles` of the user, instead of system_user")
	passwordStdinFlag(cmd, &in.fromStdin)
	in.p.flags(cmd, "the id")
	_ = cmd.MarkFlagRequired("email") // fails for a flag that is not there
	complete(cmd, "role", r.completeFlag(roles))
	return cmd
}

func (in *userCreate) run(ctx context.Context, c *connection) error {
	var err error
	if in.new.Password, err = in.passwordTwice(in.fromStdin); err != nil {
		return err
	}
	u, err := c.CreateUser(ctx, in.new)
	if err != nil {
		return err
	}
	if len(in.roles) > 0 {
		if err := c.SetRoles(ctx, u.ID, in.roles...); err != nil {
			return fmt.Errorf("%s was made, but without the roles: %w", u.Username, err)
		}
		if u, err = c.User(ctx, u.ID); err != nil {
			return err
		}
	}
	return printOne(in.terminal, in.p, u, u.ID, []field{
		{"id", u.ID}, {"username", u.Username}, {"e-mail", u.Email}, {"roles", u.Roles},
	})
}

func newUserPassword(r *remote) *cobra.Command {
	var fromStdin bool
	cmd := &cobra.Command{
		Use:   "password [USER]",
		Short: "Change your password, or another user's",
		Long: `Change a password. The command asks for it, or reads it with --password-stdin. To change
your own, give the present password too: on stdin it is the first line, and the new
one is the second.`,
		Example:           `jeton user password alice --password-stdin < password`,
		Args:              atMost("USER"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			me, err := c.User(ctx, client.Me)
			if err != nil {
				return err
			}
			u := me
			if len(args) > 0 {
				if u, err = c.user(ctx, args[0]); err != nil {
					return err
				}
			}
			current, password, err := r.passwords(u.ID == me.ID, fromStdin)
			if err != nil {
				return err
			}
			if err := c.SetPassword(ctx, u.ID, current, password); err != nil {
				return err
			}
			fmt.Fprintf(r.err, "The password of %s was changed.\n", clean(u.Username))
			return nil
		}),
	}
	passwordStdinFlag(cmd, &fromStdin)
	return cmd
}

func newUserUnlock(r *remote) *cobra.Command {
	return &cobra.Command{
		Use:   "unlock USER...",
		Short: "Let users try to log in again after too many wrong passwords",
		Long: `Set the failed attempts of users to 0, and give their accounts all attempts to log in
back, on all nodes. Limits of the network that they come from stay.`,
		Example:           "jeton user unlock alice",
		Args:              atLeast("USER"),
		ValidArgsFunction: r.completeMany(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			return forEach(c, args, func(name string) error {
				u, err := c.user(ctx, name)
				if err != nil {
					return err
				}
				if err := c.UnlockUser(ctx, u.ID); err != nil {
					return err
				}
				_, err = fmt.Fprintf(r.out, "%s is unlocked\n", clean(u.Username))
				return err
			})
		}),
	}
}

// passwords returns the new password, and the present one if it is the caller's own.
func (t *terminal) passwords(own, fromStdin bool) (current, password string, err error) {
	if own && fromStdin {
		lines, err := t.stdinLines(2)
		if err != nil {
			return "", "", err
		}
		return lines[0], lines[1], nil
	}
	if own {
		if current, err = t.password("Present password: ", false); err != nil {
			return "", "", err
		}
	}
	password, err = t.passwordTwice(fromStdin)
	return current, password, err
}
