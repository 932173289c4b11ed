package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"
)

func newTokenUses(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "uses ID",
		Short: "Show the last use of a token, and its uses per day",
		Long: `Show when and from which address a token was last used, and how often on each day (in
UTC) of the last 90 days. Uses appear within half a minute.`,
		Example:           `jeton token uses $(jeton token list ci-bot -q)`,
		Args:              arguments("ID"),
		ValidArgsFunction: r.completeOne(tokens),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			u, err := c.TokenUses(ctx, args[0])
			if err != nil {
				return err
			}
			fields := []field{{"id", u.TokenID}, {"last used", exact(r.now(), u.LastUsedAt)}, {"from", u.Address}}
			for _, d := range u.Days {
				fields = append(fields, field{d.Day, strconv.FormatInt(d.Uses, 10)})
			}
			return printOne(r.terminal, p, u, u.TokenID, fields)
		}),
	}
	p.flags(cmd, "ids")
	return cmd
}
