package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"jeton/client"
)

func newSession(r *remote) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "session",
		Short: "List and end log-in sessions",
	}
	cmd.AddCommand(newSessionList(r), newSessionRevoke(r))
	group(cmd)
	return cmd
}

func newSessionList(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "list [USER]",
		Short: "List your sessions, or another user's",
		Example: `jeton session list
jeton session list alice --json`,
		Args:              atMost("USER"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			id, err := c.userID(ctx, strings.Join(args, ""))
			if err != nil {
				return err
			}
			sessions, err := c.Sessions(ctx, id)
			if err != nil {
				return err
			}
			now := r.now()
			v := view[client.Session]{id: func(s client.Session) string { return s.ID }}
			v.columns = []column[client.Session]{
				{"ID", false, v.id},
				{"CREATED", false, func(s client.Session) string { return relative(now, s.CreateAt) }},
				{"EXPIRES", false, func(s client.Session) string { return relative(now, s.ExpiresAt) }},
				{"ADDRESS", false, func(s client.Session) string { return s.Address }},
				{"PROGRAM", true, func(s client.Session) string { return s.UserAgent }},
			}
			return printList(r.terminal, p, v, sequence(sessions), 0)
		}),
	}
	p.flags(cmd, "ids")
	return cmd
}

func newSessionRevoke(r *remote) *cobra.Command {
	var of string
	var all, everybody bool
	cmd := &cobra.Command{
		Use:   "revoke [ID...]",
		Short: "End log-in sessions",
		Long:  "End some of your sessions, or another user's with --of. With --all it ends every session, including the one in use; with --everybody those of all users.",
		Example: `jeton session revoke --of alice $(jeton session list alice -q)
jeton session revoke --of alice --all
jeton session revoke --everybody`,
		Args:              atLeast(),
		ValidArgsFunction: r.completeMany(sessions(&of)),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			if all == (len(args) > 0) && !everybody || everybody && (all || len(args) > 0 || of != client.Me) {
				return usage(errors.New("either ids or --all are needed, or --everybody"), `"jeton session list" shows the ids`)
			}
			if everybody {
				if err := c.RevokeEverySession(ctx); err != nil {
					return err
				}
				_, err := fmt.Fprintln(r.out, "the sessions of all users are revoked")
				return err
			}
			user, err := c.userID(ctx, of)
			if err != nil {
				return err
			}
			if all {
				if err := c.RevokeSessions(ctx, user); err != nil {
					return err
				}
				_, err := fmt.Fprintln(r.out, "all sessions are revoked")
				return err
			}
			return forEach(c, args, func(id string) error {
				if err := c.RevokeSession(ctx, user, id); err != nil {
					return err
				}
				_, err := fmt.Fprintln(r.out, id+" is revoked")
				return err
			})
		}),
	}
	cmd.Flags().StringVar(&of, "of", client.Me, "the `user` whose sessions they are")
	cmd.Flags().BoolVar(&all, "all", false, "end every session of the user")
	cmd.Flags().BoolVar(&everybody, "everybody", false, "end every session of every user, also yours")
	complete(cmd, "of", r.completeFlag(accounts))
	return cmd
}
