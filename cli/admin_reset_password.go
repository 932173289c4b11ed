package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"jeton"
	"jeton/authn"
	"jeton/limit"
	"jeton/password"
)

func newResetPassword(a *admin) *cobra.Command {
	var systemAdmin, fromStdin, asJSON bool
	cmd := &cobra.Command{
		Use:   "reset-password USER",
		Short: "Set a user's password, for users who are locked out",
		Long: `Set the password of the user with this username, and end the user's sessions. On a
terminal the command asks for the password twice; with --password-stdin it reads one
line of stdin; otherwise it makes a random password and prints it.`,
		Example: `jeton admin reset-password alice
jeton admin reset-password admin --system-admin --password-stdin < password`,
		Args: arguments("USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := existing(a.db); err != nil {
				return err
			}
			secret, made, err := a.newPassword(fromStdin)
			if err != nil {
				return err
			}
			if err := a.resetPassword(cmd.Context(), args[0], secret, systemAdmin); err != nil {
				return err
			}
			return a.sayReset(args[0], secret, made, asJSON)
		},
	}
	cmd.Flags().BoolVar(&systemAdmin, "system-admin", false, "also make the user an active system administrator")
	passwordStdinFlag(cmd, &fromStdin)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// newPassword returns the new password; made reports whether it is a random one.
func (a *admin) newPassword(fromStdin bool) (secret string, made bool, err error) {
	if !fromStdin && !a.attended() {
		return randomPassword(), true, nil
	}
	secret, err = a.passwordTwice(fromStdin)
	return secret, false, err
}

func (a *admin) resetPassword(ctx context.Context, username, secret string, systemAdmin bool) (err error) {
	store, err := openStore(ctx, a.db, a.log())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	settings := jeton.DefaultSettings()
	service := jeton.NewService(jeton.Options{
		Store:     store,
		Directory: authn.New(authn.Options{Store: store, Settings: settings, Log: a.log()}),
		Passwords: password.New(password.Params{}), Limits: limit.ForService(), Settings: settings,
	})
	_, err = service.ResetPassword(ctx, username, secret, systemAdmin)
	switch jeton.CodeOf(err) {
	case "":
		return nil
	case jeton.CodeUserByNameNotFound:
		return hint(fmt.Errorf("there is no user %q", username), "usernames are in lower case; check that --db is the right database")
	case jeton.CodeUserInvalid:
		return hint(fmt.Errorf("%q is a bot: it has no password", username), "make a token for it instead")
	}
	if fault := passwordFault(err); fault != "" {
		return hint(fmt.Errorf("the new password %s", fault), "nothing was changed; choose another")
	}
	return hint(fmt.Errorf("the password was not changed: %w", err), "try again when the database can be reached")
}

func (a *admin) sayReset(username, secret string, made, asJSON bool) error {
	shown := ""
	if made {
		shown = secret
	}
	if asJSON {
		return printJSON(a.out, struct {
			Username string `json:"username"`
			Password string `json:"password,omitempty"`
		}{username, shown})
	}
	fmt.Fprintf(a.err, "The password of %s was changed; the user's sessions are ended.\n", username)
	if !made {
		return nil
	}
	_, err := fmt.Fprintln(a.out, shown)
	return err
}
