package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jeton/client"
)

func newToken(r *remote) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list, find and revoke tokens",
	}
	cmd.AddCommand(
		newTokenCreate(r), newTokenList(r), newTokenShow(r), newTokenUses(r), newTokenSearch(r),
		newTokenChange(r, "revoke", "Revoke tokens permanently", "revoked",
			`jeton token revoke $(jeton token search ci-bot -q)`,
			(*client.Client).RevokeToken),
		newTokenChange(r, "disable", "Disable tokens until they are enabled again", "disabled",
			`jeton token disable $(jeton token list ci-bot -q)`,
			(*client.Client).DisableToken),
		newTokenChange(r, "enable", "Enable disabled tokens", "enabled",
			`jeton token enable $(jeton token list ci-bot -q)`,
			func(c *client.Client, ctx context.Context, id string) (client.Followed, error) {
				return client.Followed{}, c.EnableToken(ctx, id)
			}),
	)
	group(cmd)
	return cmd
}

// tokenState returns the state of a token: active, disabled or expired.
func tokenState(t client.Token, now time.Time) string {
	switch {
	case !t.IsActive:
		return "disabled"
	case t.ExpiresAt != 0 && t.ExpiresAt <= now.UnixMilli():
		return "expired"
	}
	return "active"
}

func scopesText(scopes []string) string {
	switch {
	case scopes == nil:
		return "all"
	case len(scopes) == 0:
		return "none"
	}
	return strings.Join(scopes, " ")
}

// tokenView says how tokens are listed, with a column for their owners if wanted.
func tokenView(ctx context.Context, c *connection, owners bool) view[client.Token] {
	now, known := c.remote.now(), names{}
	v := view[client.Token]{id: func(t client.Token) string { return t.ID }}
	v.columns = []column[client.Token]{
		{"ID", false, v.id},
		{"STATE", false, func(t client.Token) string { return tokenState(t, now) }},
		{"DESCRIPTION", true, func(t client.Token) string { return t.Description }},
		{"ENDS IN", false, func(t client.Token) string { return t.Hint }},
		{"CREATED", false, func(t client.Token) string { return relative(now, t.CreateAt) }},
		{"EXPIRES", false, func(t client.Token) string { return relative(now, t.ExpiresAt) }},
		{"LAST USED", false, func(t client.Token) string { return relative(now, t.LastUsedAt) }},
		{"SCOPES", true, func(t client.Token) string { return scopesText(t.Scopes) }},
	}
	if owners {
		owner := column[client.Token]{"OWNER", true, func(t client.Token) string { return known.of(t.UserID) }}
		v.columns = append(v.columns[:2], append([]column[client.Token]{owner}, v.columns[2:]...)...)
		v.ahead = ahead(ctx, c, known, func(t client.Token) []string { return []string{t.UserID} })
	}
	return v
}

func newTokenList(r *remote) *cobra.Command {
	var p printing
	var all bool
	var limit int
	cmd := &cobra.Command{
		Use:   "list [OWNER]",
		Short: "List your tokens, another owner's, or all",
		Long:  "List your tokens, those of a user or bot, or with --all those of all owners, the oldest first.",
		Example: `jeton token list
jeton token list ci-bot
jeton token list --all --limit 0 --json`,
		Args:              atMost("OWNER"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			list := c.Tokens
			if !all {
				owner, err := c.userID(ctx, strings.Join(args, ""))
				if err != nil {
					return err
				}
				list = func(ctx context.Context, page client.Page) (client.List[client.Token], error) {
					return c.TokensOf(ctx, owner, page)
				}
			} else if len(args) > 0 {
				return usage(fmt.Errorf("--all and an owner exclude each other"), "leave out one of them")
			}
			return printList(r.terminal, p, tokenView(ctx, c, all), client.All(ctx, list), limit)
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "list the tokens of all owners, for administrators")
	limitFlag(cmd, &limit)
	p.flags(cmd, "ids")
	return cmd
}

func newTokenSearch(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "search TERM",
		Short: "Find tokens by their id, or their owner's id or username",
		Example: `jeton token search ci-bot
jeton token search ci-bot --json`,
		Args:              atLeast("TERM"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			found, err := c.SearchTokens(ctx, args[0])
			if err != nil {
				return err
			}
			return printList(r.terminal, p, tokenView(ctx, c, true), sequence(found), 0)
		}),
	}
	p.flags(cmd, "ids")
	return cmd
}

func newTokenShow(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show a token",
		Example:           `jeton token show $(jeton token list ci-bot -q)`,
		Args:              arguments("ID"),
		ValidArgsFunction: r.completeOne(tokens),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			t, err := c.Token(ctx, args[0])
			if err != nil {
				return err
			}
			known := names{}
			if err := known.learn(ctx, c, []string{t.UserID, t.CreatedBy}); err != nil {
				return err
			}
			now := r.now()
			return printOne(r.terminal, p, t, t.ID, []field{
				{"id", t.ID},
				{"state", tokenState(t, now)},
				{"description", t.Description},
				{"owner", known.of(t.UserID)},
				{"made by", known.of(t.CreatedBy)},
				{"created", exact(now, t.CreateAt)},
				{"expires", exact(now, t.ExpiresAt)},
				{"last used", exact(now, t.LastUsedAt)},
				{"scopes", scopesText(t.Scopes)},
				{"ends in", t.Hint},
			})
		}),
	}
	p.flags(cmd, "ids")
	return cmd
}

// newTokenChange returns the command of a verb that changes tokens.
func newTokenChange(r *remote, verb, short, done, example string,
	change func(*client.Client, context.Context, string) (client.Followed, error),
) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:               verb + " ID...",
		Short:             short,
		Example:           example,
		Args:              atLeast("ID"),
		ValidArgsFunction: r.completeMany(tokens),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			return forEach(c, args, func(id string) error {
				f, err := change(c.Client, ctx, id)
				if err != nil {
					return err
				}
				return r.sayChanged(p, id, done, f)
			})
		}),
	}
	p.flags(cmd, "ids")
	return cmd
}

func (r *remote) sayChanged(p printing, id, done string, f client.Followed) error {
	switch {
	case p.json:
		return printJSON(r.out, struct {
			ID string `json:"id"`
			client.Followed
		}{id, f})
	case p.quiet:
		_, err := fmt.Fprintln(r.out, id)
		return err
	}
	line := id + " is " + done
	if f.Followed > 0 {
		line += fmt.Sprintf(", and with it %d that it had made", f.Followed)
	}
	if f.Kept > 0 {
		line += fmt.Sprintf("; %d that it had made for others stay", f.Kept)
	}
	_, err := fmt.Fprintln(r.out, line)
	return err
}
