package cli

import (
	"context"
	"errors"
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

const refusedFlag = "refused"

// auditFlags select the events that are listed.
type auditFlags struct {
	target, owner, action string
	refused               *bool // nil: changes and refusals
	about                 bool
}

func newAuditList(r *remote) *cobra.Command {
	var p printing
	var f auditFlags
	var limit int
	var refused bool
	var cmd *cobra.Command
	cmd = &cobra.Command{
		Use:   "list [USER]",
		Short: "List events, the newest first",
		Long: `List the events of all users or of one user, the newest first. The flags select those
that meet all conditions.`,
		Example: `jeton audit list
jeton audit list alice --limit 20 --json
jeton audit list alice --about --action token.create
jeton audit list --refused --owner alice`,
		Args:              atMost("USER"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			if cmd.Flags().Changed(refusedFlag) {
				f.refused = &refused
			}
			list, err := f.list(ctx, c, strings.Join(args, ""))
			if err != nil {
				return err
			}
			return printList(r.terminal, p, auditView(ctx, c), client.All(ctx, list), limit)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", "", "only events on the token, user, role or session with this `id`")
	flags.StringVar(&f.owner, "owner", "", "only events on the credentials of this `user`")
	flags.StringVar(&f.action, "action", "", "only events with this `action`, such as token.revoke")
	flags.BoolVar(&refused, refusedFlag, false, "only refusals and failed log-ins; =false: only changes")
	flags.BoolVar(&f.about, "about", false, "events on the account of USER, by anyone, instead of those by USER")
	limitFlag(cmd, &limit)
	p.flags(cmd, "ids")
	return cmd
}

// list returns the list that the flags select, of one user or of all.
func (f *auditFlags) list(ctx context.Context, c *connection, user string) (func(context.Context, client.Page) (client.List[client.Audit], error), error) {
	if f.about && (user == "" || f.owner != "") {
		return nil, usage(errors.New("--about is for one USER, and without --owner"), `"jeton audit list USER --about"`)
	}
	filter := client.AuditFilter{Target: f.target, Action: f.action, Refused: f.refused}
	id := ""
	for _, account := range []struct {
		name string
		id   *string
	}{{f.owner, &filter.Owner}, {user, &id}} {
		if account.name == "" {
			continue
		}
		var err error
		if *account.id, err = c.pastUserID(ctx, account.name); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, page client.Page) (client.List[client.Audit], error) {
		switch {
		case f.about:
			return c.AuditsAbout(ctx, id, filter, page)
		case id != "":
			return c.FindAuditsOf(ctx, id, filter, page)
		}
		return c.FindAudits(ctx, filter, page)
	}, nil
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
			{"CHANGED", true, auditChanges},
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

// auditChanges returns the changed fields on one line.
func auditChanges(a client.Audit) string {
	var parts []string
	for _, c := range a.Changes {
		switch {
		case c.Old == "" && c.New == "":
			parts = append(parts, c.Field)
		case c.Old == "":
			parts = append(parts, c.Field+": "+c.New)
		default:
			parts = append(parts, c.Field+": "+c.Old+" -> "+c.New)
		}
	}
	return strings.Join(parts, ", ")
}
