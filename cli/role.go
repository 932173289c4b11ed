package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"jeton/client"
)

func newRole(r *remote) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "role",
		Short: "Make, list and change roles, the named sets of permissions",
	}
	cmd.AddCommand(
		newRoleList(r), newRoleShow(r), newRoleCreate(r),
		newRoleChange(r, "grant", "Add permissions to a role", union),
		newRoleChange(r, "deny", "Remove permissions from a role", without),
		newRoleDelete(r),
	)
	group(cmd)
	return cmd
}

// union returns the names of both lists, each once.
func union(have, more []string) []string {
	out := slices.Clone(have)
	for _, name := range more {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// without returns the names of the first list that are not in the second.
func without(have, less []string) []string {
	return slices.DeleteFunc(slices.Clone(have), func(name string) bool { return slices.Contains(less, name) })
}

// role returns a role by id or, where no role has that id, by name.
func (c *connection) role(ctx context.Context, name string) (client.Role, error) {
	var role client.Role
	err := error(&client.Error{Status: http.StatusNotFound})
	if anID.MatchString(name) {
		role, err = c.Role(ctx, name)
	}
	if status(err) == http.StatusNotFound {
		role, err = c.RoleByName(ctx, name)
	}
	if status(err) == http.StatusNotFound {
		return role, hint(fmt.Errorf("there is no role %q", name), `"jeton role list" shows the roles`)
	}
	return role, err
}

func roleKind(r client.Role) string {
	if r.BuiltIn {
		return "built in"
	}
	return "own"
}

func newRoleList(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List roles",
		Example: "jeton role list",
		Args:    arguments(),
		RunE: r.calls(func(ctx context.Context, c *connection, _ []string) error {
			all, err := c.Roles(ctx)
			if err != nil {
				return err
			}
			v := view[client.Role]{id: func(r client.Role) string { return r.ID }}
			v.columns = []column[client.Role]{
				{"NAME", false, func(r client.Role) string { return r.Name }},
				{"KIND", false, roleKind},
				{"NAMES", false, func(r client.Role) string { return strconv.Itoa(len(r.Permissions)) }},
				{"PERMISSIONS", true, func(r client.Role) string { return strings.Join(r.Permissions, " ") }},
			}
			return printList(r.terminal, p, v, sequence(all), 0)
		}),
	}
	p.flags(cmd, "ids")
	return cmd
}

func newRoleShow(r *remote) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:   "show ROLE",
		Short: "Show a role and its permissions",
		Example: `jeton role show system_user
jeton role show deployer --json`,
		Args:              arguments("ROLE"),
		ValidArgsFunction: r.completeOne(roles),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			role, err := c.role(ctx, args[0])
			if err != nil {
				return err
			}
			return printRole(r.terminal, p, role)
		}),
	}
	p.flags(cmd, "permissions")
	return cmd
}

// printRole prints a role, with one permission per line.
func printRole(t *terminal, p printing, role client.Role) error {
	fields := []field{{"id", role.ID}, {"name", role.Name}, {"kind", roleKind(role)}}
	if role.Description != "" && !role.BuiltIn { // those of built-in roles are keys of Mattermost's translations
		fields = append(fields, field{"description", role.Description})
	}
	name := "permissions"
	for _, permission := range role.Permissions {
		fields = append(fields, field{name, permission})
		name = ""
	}
	return printOne(t, p, role, strings.Join(role.Permissions, "\n"), fields)
}

func newRoleCreate(r *remote) *cobra.Command {
	var p printing
	var in client.NewRole
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a role",
		Long: `Make a role. Its permissions are those of Mattermost, or your own, which contain a
colon (deploy:write) and are checked by your own services.`,
		Example: `jeton role create reporter --permission report:read,report:write`,
		Args:    arguments("NAME"),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			in.Name = args[0]
			if in.DisplayName == "" {
				in.DisplayName = in.Name
			}
			role, err := c.CreateRole(ctx, in)
			if err != nil {
				return err
			}
			return printRole(r.terminal, p, role)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&in.DisplayName, "display-name", "", "the `name` that people see")
	flags.StringVar(&in.Description, "description", "", "what the role is for")
	flags.StringSliceVar(&in.Permissions, "permission", nil, "`permissions` of the role")
	p.flags(cmd, "permissions")
	complete(cmd, "permission", r.completeFlag(permissions))
	return cmd
}

// newRoleChange makes the command of a verb that changes a role's permissions.
func newRoleChange(r *remote, verb, short string, change func(have, given []string) []string) *cobra.Command {
	var p printing
	cmd := &cobra.Command{
		Use:               verb + " ROLE PERMISSION...",
		Short:             short,
		Long:              short + ". The change applies from the next request on.",
		Example:           "jeton role " + verb + " deployer deploy:rollback",
		Args:              atLeast("ROLE", "PERMISSION"),
		ValidArgsFunction: r.completeInTurn(roles, permissions),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			role, err := c.role(ctx, args[0])
			if err != nil {
				return err
			}
			wanted := change(role.Permissions, splitList(strings.Join(args[1:], ",")))
			if !slices.Equal(wanted, role.Permissions) {
				if role, err = c.SetPermissions(ctx, role.ID, wanted); err != nil {
					return err
				}
			}
			return errors.Join(printRole(r.terminal, p, role), notAdded(role))
		}),
	}
	p.flags(cmd, "permissions")
	return cmd
}

// notAdded returns the error of permissions that the server left out of a change.
func notAdded(role client.Role) error {
	if len(role.Ignored) == 0 {
		return nil
	}
	err := fmt.Errorf("not added to %s: %s", role.Name, strings.Join(role.Ignored, " "))
	return hint(err, "permissions of Mattermost that mean nothing here; the rest of the change was made")
}

func newRoleDelete(r *remote) *cobra.Command {
	return &cobra.Command{
		Use:               "delete ROLE...",
		Short:             "Delete roles that no user has",
		Example:           "jeton role delete deployer",
		Args:              atLeast("ROLE"),
		ValidArgsFunction: r.completeMany(roles),
		RunE: r.calls(func(ctx context.Context, c *connection, args []string) error {
			return forEach(c, args, func(name string) error {
				role, err := c.role(ctx, name)
				if err != nil {
					return err
				}
				if err := c.DeleteRole(ctx, role.ID); err != nil {
					return err
				}
				_, err = fmt.Fprintf(r.out, "%s is deleted\n", clean(role.Name))
				return err
			})
		}),
	}
}
