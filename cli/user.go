package cli

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"jeton/client"
)

func newUser(r *remote) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Make, list and change people's accounts",
	}
	cmd.AddCommand(
		newUserCreate(r), newUserList(r), newUserShow(r), newUserActive(r, "activate", true), newUserActive(r, "deactivate", false),
		newUserRoles(r), newUserPassword(r), newUserUnlock(r),
	)
	group(cmd)
	return cmd
}

func userState(u client.User) string {
	switch {
	case u.DeleteAt != 0:
		return "deactivated"
	case u.IsBot:
		return "bot"
	}
	return "active"
}

// userList holds the flags that select users.
type userList struct {
	*remote
	p      printing
	filter client.UserFilter
	search string
	limit  int
}

func newUserList(r *remote) *cobra.Command {
	in := userList{remote: r}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List users and bots",
		Example: `jeton user list
jeton user list --role system_admin
jeton user list --search al --json`,
		Args: arguments(),
		RunE: r.calls(func(ctx context.Context, c *connection, _ []string) error { return in.run(ctx, c) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&in.filter.Role, "role", "", "only users with this `role`")
	flags.BoolVar(&in.filter.Active, "active", false, "only active users")
	flags.BoolVar(&in.filter.Inactive, "deactivated", false, "only deactivated users")
	flags.StringVar(&in.search, "search", "", "only users whose name or e-mail address begins with this `text`")
	cmd.MarkFlagsMutuallyExclusive("active", "deactivated")
	cmd.MarkFlagsMutuallyExclusive("search", "deactivated")
	limitFlag(cmd, &in.limit)
	in.p.flags(cmd, "ids")
	complete(cmd, "role", r.completeFlag(roles))
	return cmd
}

func (in *userList) run(ctx context.Context, c *connection) error {
	items, err := in.items(ctx, c)
	if err != nil {
		return err
	}
	now := in.now()
	v := view[client.User]{id: func(u client.User) string { return u.ID }}
	v.columns = []column[client.User]{
		{"ID", false, v.id},
		{"USERNAME", false, func(u client.User) string { return u.Username }},
		{"STATE", false, userState},
		{"E-MAIL", true, func(u client.User) string { return u.Email }},
		{"ROLES", true, func(u client.User) string { return u.Roles }},
		{"CREATED", false, func(u client.User) string { return relative(now, u.CreateAt) }},
	}
	return printList(in.terminal, in.p, v, items, in.limit)
}

const mostFound = 1000 // the server's limit of a search

func (in *userList) items(ctx context.Context, c *connection) (iter.Seq2[client.User, error], error) {
	if in.search == "" {
		return client.All(ctx, func(ctx context.Context, p client.Page) (client.List[client.User], error) {
			return c.Users(ctx, in.filter, p)
		}), nil
	}
	found, err := c.SearchUsers(ctx, client.UserSearch{
		Term: in.search, Role: in.filter.Role, Inactive: !in.filter.Active, Limit: mostFound,
	})
	return sequence(found), err
}

func newUserShow(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "show [USER]",
		Short: "Show a user or bot",
		Example: `jeton user show
jeton user show alice --json`,
		Args:              atMost("USER"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			u, err := c.user(ctx, strings.Join(args, ""))
			if err != nil {
				return err
			}
			now := r.now()
			return printOne(r.terminal, p, u, u.ID, []field{
				{"id", u.ID},
				{"username", u.Username},
				{"state", userState(u)},
				{"e-mail", u.Email},
				{"name", strings.TrimSpace(u.FirstName + " " + u.LastName)},
				{"roles", u.Roles},
				{"created", exact(now, u.CreateAt)},
			})
		}),
	}
	p.flags(cmd, "ids")
	return cmd
}

func newUserActive(r *remote, verb string, active bool) *cobra.Command {
	long := "Activate users: they can log in, and their tokens are valid again."
	if !active {
		long = "Deactivate users: their sessions end, they cannot log in, and their tokens are no longer valid."
	}
	return &cobra.Command{
		Use:               verb + " USER...",
		Short:             strings.ToUpper(verb[:1]) + verb[1:] + " users",
		Long:              long,
		Example:           "jeton user " + verb + " alice",
		Args:              atLeast("USER"),
		ValidArgsFunction: r.completeMany(accounts),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			return forEach(c, args, func(name string) error {
				u, err := c.user(ctx, name)
				if err != nil {
					return err
				}
				if u.IsBot {
					return hint(fmt.Errorf("%s is a bot", clean(u.Username)), `"jeton bot enable" and "jeton bot disable" are for bots`)
				}
				if err := c.SetActive(ctx, u.ID, active); err != nil {
					return err
				}
				_, err = fmt.Fprintf(r.out, "%s is %sd\n", clean(u.Username), verb)
				return err
			})
		}),
	}
}

// userRoles holds the flags that change a user's roles.
type userRoles struct {
	*remote
	p           printing
	add, remove []string
	set         []string
}

func newUserRoles(r *remote) *cobra.Command {
	in := userRoles{remote: r}
	cmd := &cobra.Command{
		Use:   "roles USER",
		Short: "Show or change a user's or bot's roles",
		Example: `jeton user roles alice
jeton user roles alice --add deployer
jeton user roles alice --remove deployer
jeton user roles ci-bot --set system_user,deployer`,
		Args:              arguments("USER"),
		ValidArgsFunction: r.completeOne(accounts),
		RunE:              r.calls(func(ctx context.Context, c *connection, args []string) error { return in.run(ctx, c, args[0]) }),
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&in.add, "add", nil, "`roles` to add")
	flags.StringSliceVar(&in.remove, "remove", nil, "`roles` to remove")
	flags.StringSliceVar(&in.set, "set", nil, "`roles` that replace the present ones")
	cmd.MarkFlagsMutuallyExclusive("add", "set")
	cmd.MarkFlagsMutuallyExclusive("remove", "set")
	in.p.flags(cmd, "names")
	for _, f := range []string{"add", "remove", "set"} {
		complete(cmd, f, r.completeFlag(roles))
	}
	return cmd
}

func (in *userRoles) run(ctx context.Context, c *connection, name string) error {
	u, err := c.user(ctx, name)
	if err != nil {
		return err
	}
	if len(in.add)+len(in.remove)+len(in.set) > 0 {
		wanted := without(union(u.RoleNames(), in.add), in.remove)
		if len(in.set) > 0 {
			wanted = in.set
		}
		if err := c.SetRoles(ctx, u.ID, wanted...); err != nil {
			return err
		}
		if u, err = c.User(ctx, u.ID); err != nil {
			return err
		}
	}
	switch {
	case in.p.json:
		return printJSON(in.out, append([]string{}, u.RoleNames()...))
	case in.p.quiet:
		if u.Roles == "" {
			return nil
		}
		_, err := fmt.Fprintln(in.out, strings.Join(u.RoleNames(), "\n"))
		return err
	}
	_, err = fmt.Fprintf(in.out, "%s: %s\n", clean(u.Username), clean(firstOf(u.Roles, "no roles")))
	return err
}
