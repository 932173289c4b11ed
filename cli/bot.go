package cli

import (
	"context"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"jeton/client"
)

func newBot(r *remote) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bot",
		Short: "Make, list and change bots, the accounts of programs",
	}
	cmd.AddCommand(
		newBotCreate(r), newBotList(r),
		newBotActive(r, "enable", "Enable bots; their tokens are valid again", (*client.Client).EnableBot),
		newBotActive(r, "disable", "Disable bots; their tokens are no longer valid", (*client.Client).DisableBot),
		newBotAssign(r),
	)
	group(cmd)
	return cmd
}

// bot returns a bot by name: see user.
func (c *connection) bot(ctx context.Context, name string) (client.User, error) {
	u, err := c.user(ctx, name)
	if err == nil && !u.IsBot {
		err = hint(fmt.Errorf("%s is not a bot", u.Username), `"jeton bot list" shows the bots`)
	}
	return u, err
}

func newBotCreate(r *remote) *cobra.Command {
	var p printing
	var in client.NewBot
	cmd := &cobra.Command{
		Use:   "create USERNAME",
		Short: "Make a bot of your own",
		Example: `jeton bot create backup-bot --description "saves the databases at night"
jeton token create --for backup-bot --description "nightly backup" -q`,
		Args: arguments("USERNAME"),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			in.Username = args[0]
			b, err := c.CreateBot(ctx, in)
			if err != nil {
				return err
			}
			return printOne(r.terminal, p, b, b.UserID, []field{
				{"id", b.UserID}, {"username", b.Username}, {"description", b.Description},
			})
		}),
	}
	cmd.Flags().StringVar(&in.DisplayName, "display-name", "", "the `name` that people see")
	cmd.Flags().StringVar(&in.Description, "description", "", "what the bot does")
	p.flags(cmd, "the id")
	return cmd
}

func newBotList(r *remote) *cobra.Command {
	var p printing
	var f client.BotFilter
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List bots",
		Example: `jeton bot list
jeton bot list --disabled --orphaned`,
		Args: arguments(),
		RunE: r.calls(func(ctx context.Context, c *connection, _ []string) error {
			f.Disabled = f.Disabled || f.Orphaned // orphaned bots were disabled with their owner
			now, known := r.now(), names{}
			v := view[client.Bot]{id: func(b client.Bot) string { return b.UserID }}
			v.columns = []column[client.Bot]{
				{"ID", false, v.id},
				{"USERNAME", false, func(b client.Bot) string { return b.Username }},
				{"STATE", false, botState},
				{"OWNER", true, func(b client.Bot) string { return known.of(b.OwnerID) }},
				{"DESCRIPTION", true, func(b client.Bot) string { return b.Description }},
				{"CREATED", false, func(b client.Bot) string { return relative(now, b.CreateAt) }},
			}
			v.ahead = ahead(ctx, c, known, func(b client.Bot) []string { return []string{b.OwnerID} })
			items := client.All(ctx, func(ctx context.Context, page client.Page) (client.List[client.Bot], error) {
				return c.Bots(ctx, f, page)
			})
			return printList(r.terminal, p, v, items, limit)
		}),
	}
	cmd.Flags().BoolVar(&f.Disabled, "disabled", false, "include disabled bots")
	cmd.Flags().BoolVar(&f.Orphaned, "orphaned", false, "only bots that were disabled because their owner was deactivated")
	limitFlag(cmd, &limit)
	p.flags(cmd, "ids")
	return cmd
}

func botState(b client.Bot) string {
	if b.DeleteAt != 0 {
		return "disabled"
	}
	return "active"
}

func newBotActive(r *remote, verb, short string, change func(*client.Client, context.Context, string) (client.Bot, error)) *cobra.Command {
	return &cobra.Command{
		Use:               verb + " BOT...",
		Short:             short,
		Example:           "jeton bot " + verb + " ci-bot",
		Args:              atLeast("BOT"),
		ValidArgsFunction: r.completeMany(bots),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			return forEach(c, args, func(name string) error {
				b, err := c.bot(ctx, name)
				if err != nil {
					return err
				}
				if _, err := change(c.Client, ctx, b.ID); err != nil {
					return err
				}
				_, err = fmt.Fprintf(r.out, "%s is %sd\n", clean(b.Username), verb)
				return err
			})
		}),
	}
}

func newBotAssign(r *remote) *cobra.Command {
	return &cobra.Command{
		Use:               "assign BOT USER",
		Short:             "Give a bot another owner",
		Example:           "jeton bot assign ci-bot alice",
		Args:              arguments("BOT", "USER"),
		ValidArgsFunction: r.completeInTurn(bots, accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			b, err := c.bot(ctx, args[0])
			if err != nil {
				return err
			}
			owner, err := c.user(ctx, args[1])
			if err != nil {
				return err
			}
			if _, err := c.AssignBot(ctx, b.ID, owner.ID); err != nil {
				if status(err) == http.StatusForbidden && owner.IsBot {
					return hint(err, "a bot cannot own a bot: name a person")
				}
				return err
			}
			_, err = fmt.Fprintf(r.out, "%s is %s's\n", clean(b.Username), clean(owner.Username))
			return err
		}),
	}
}
