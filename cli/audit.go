package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jeton/client"
)

func newAudit(r *remote) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Read the journal of all changes and refusals",
	}
	cmd.AddCommand(newAuditList(r))
	group(cmd)
	return cmd
}

func newAuditList(r *remote) *cobra.Command {
	var p printing
	var limit int
	cmd := &cobra.Command{
		Use:   "list [USER]",
		Short: "List events, the newest first",
		Long:  "List the events of all users or of one user, the newest first.",
		Example: `jeton audit list
jeton audit list alice --limit 20 --json`,
		Args:              atMost("USER"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			list := c.Audits
			if len(args) > 0 {
				id, err := c.pastUserID(ctx, strings.Join(args, ""))
				if err != nil {
					return err
				}
				list = func(ctx context.Context, page client.Page) (client.List[client.Audit], error) {
					return c.AuditsOf(ctx, id, page)
				}
			}
			return printList(r.terminal, p, auditView(ctx, c), client.All(ctx, list), limit)
		}),
	}
	limitFlag(cmd, &limit)
	p.flags(cmd, "ids")
	return cmd
}

func auditView(ctx context.Context, c *connection) view[client.Audit] {
	known := names{}
	return view[client.Audit]{
		id: func(a client.Audit) string { return a.ID },
		columns: []column[client.Audit]{
			{"WHEN (UTC)", false, func(a client.Audit) string { return time.UnixMilli(a.CreateAt).UTC().Format(time.DateTime) }},
			{"WHO", true, func(a client.Audit) string { return firstOf(known.of(a.UserID), "unknown") }},
			{"WHAT", false, func(a client.Audit) string { return a.Action }},
			{"RESULT", false, auditResult},
			{"ON", true, func(a client.Audit) string { return known.of(a.Target) }},
			{"OF", true, func(a client.Audit) string { return known.of(a.Owner) }},
			{"FROM", false, func(a client.Audit) string { return a.IPAddress }},
		},
		ahead: ahead(ctx, c, known, func(a client.Audit) []string {
			if strings.HasPrefix(a.Action, "user.") || strings.HasPrefix(a.Action, "bot.") {
				return []string{a.UserID, a.Owner, a.Target}
			}
			return []string{a.UserID, a.Owner}
		}),
	}
}

func auditResult(a client.Audit) string {
	result := "done"
	if a.Refused {
		result = "refused"
	}
	if a.Count > 1 {
		result = fmt.Sprintf("%s %sx", result, strconv.Itoa(a.Count))
	}
	return result
}
