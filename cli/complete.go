package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jeton/client"
)

const (
	completionTime = 2 * time.Second // a user does not wait longer for a key
	mostOffered    = 200
)

// choices returns the words that complete a place, each followed by a tab and a
// description.
type choices func(ctx context.Context, c *connection, typed string) ([]string, error)

type completion = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// complete registers a completion of a flag.
func complete(cmd *cobra.Command, flag string, f completion) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // the flag does not exist: a bug in this package
	}
}

// completeFlag completes the value of a flag.
func (r *remote) completeFlag(what choices) completion {
	return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return r.offer(cmd, what, typed)
	}
}

// completeOne completes the one argument.
func (r *remote) completeOne(what choices) completion { return r.completeInTurn(what, nil) }

// completeMany completes every argument.
func (r *remote) completeMany(what choices) completion { return r.completeInTurn(what, what) }

// completeInTurn completes the first argument and the others. Nil: no completion.
func (r *remote) completeInTurn(first, others choices) completion {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		what := first
		if len(args) > 0 {
			what = others
		}
		return r.offer(cmd, what, typed)
	}
}

// offer asks the server. It hides errors, since a completion cannot show them.
func (r *remote) offer(cmd *cobra.Command, what choices, typed string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp
	if what == nil || applySettings(cmd, r.terminal) != nil {
		return nil, directive
	}
	c, err := r.connect()
	if err != nil {
		return nil, directive
	}
	ctx, cancel := context.WithTimeout(context.Background(), completionTime)
	defer cancel()
	all, err := what(ctx, c, typed)
	if err != nil {
		return nil, directive
	}
	all = slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, typed) })
	return all[:min(len(all), mostOffered)], directive
}

func choice(word, what string) string { return clean(word) + "\t" + clean(what) }

// accounts returns the usernames of users and bots.
func accounts(ctx context.Context, c *connection, typed string) ([]string, error) {
	var found []client.User
	var err error
	if typed == "" {
		var l client.List[client.User]
		l, err = c.Users(ctx, client.UserFilter{}, client.Page{Size: client.MaxPageSize})
		found = l.Items
	} else {
		found, err = c.SearchUsers(ctx, client.UserSearch{Term: typed, Inactive: true, Limit: mostOffered})
	}
	var out []string
	for _, u := range found {
		out = append(out, choice(u.Username, firstOf(strings.TrimSpace(u.FirstName+" "+u.LastName), u.Email)))
	}
	return out, err
}

// bots returns the usernames of bots.
func bots(ctx context.Context, c *connection, _ string) ([]string, error) {
	l, err := c.Bots(ctx, client.BotFilter{Disabled: true}, client.Page{Size: client.MaxPageSize})
	var out []string
	for _, b := range l.Items {
		out = append(out, choice(b.Username, b.Description))
	}
	return out, err
}

// tokens returns the ids of all tokens if the caller may list them, otherwise of the
// caller's own.
func tokens(ctx context.Context, c *connection, _ string) ([]string, error) {
	l, err := c.Tokens(ctx, client.Page{Size: client.MaxPageSize})
	if err != nil {
		l, err = c.TokensOf(ctx, client.Me, client.Page{Size: client.MaxPageSize})
	}
	var out []string
	for _, t := range l.Items {
		out = append(out, choice(t.ID, t.Description))
	}
	return out, err
}

// sessions returns the ids of a user's sessions.
func sessions(of *string) choices {
	return func(ctx context.Context, c *connection, _ string) ([]string, error) {
		id, err := c.userID(ctx, *of)
		if err != nil {
			return nil, err
		}
		l, err := c.Sessions(ctx, id)
		var out []string
		for _, s := range l {
			out = append(out, choice(s.ID, s.Address+" "+s.UserAgent))
		}
		return out, err
	}
}

// roles returns the names of roles.
func roles(ctx context.Context, c *connection, _ string) ([]string, error) {
	l, err := c.Roles(ctx)
	var out []string
	for _, r := range l {
		what := r.Description
		if r.BuiltIn { // its description is a key of Mattermost's translations
			what = roleKind(r)
		}
		out = append(out, choice(r.Name, what))
	}
	return out, err
}

// permissions returns all permissions that roles have.
func permissions(ctx context.Context, c *connection, _ string) ([]string, error) {
	l, err := c.Roles(ctx)
	var out []string
	for _, r := range l {
		out = union(out, r.Permissions)
	}
	slices.Sort(out)
	return out, err
}
