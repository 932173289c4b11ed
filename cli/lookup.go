package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"jeton/client"
)

// anID matches the ids that the server makes, and some usernames of that length. An id
// beats a name; a username can be given with an @ before it.
var anID = regexp.MustCompile(`^[ybndrfg8ejkmcpqxot1uwisza345h769]{26}$`)

var errNoUser = errors.New("there is no user or bot")

// user returns a user or bot by "me", id, e-mail address or username, with or without
// an @ before it. Names are in any case.
func (c *connection) user(ctx context.Context, name string) (client.User, error) {
	var u client.User
	var err error
	switch {
	case name == "" || name == client.Me:
		u, err = c.User(ctx, client.Me)
	case anID.MatchString(name):
		if u, err = c.User(ctx, name); status(err) == http.StatusNotFound {
			u, err = c.UserByName(ctx, name)
		}
	case strings.Contains(strings.TrimPrefix(name, "@"), "@"):
		u, err = c.UserByEmail(ctx, name)
	default:
		u, err = c.UserByName(ctx, strings.TrimPrefix(name, "@"))
	}
	if status(err) == http.StatusNotFound {
		return u, hint(fmt.Errorf("%w %q", errNoUser, name), `"jeton user list" and "jeton bot list" show all`)
	}
	return u, err
}

// userID returns the id of a user or bot by name: see user. What looks like an id is one
// for a caller that is not allowed to read users.
func (c *connection) userID(ctx context.Context, name string) (string, error) {
	if name == "" || name == client.Me {
		return client.Me, nil
	}
	u, err := c.user(ctx, name)
	if anID.MatchString(name) && status(err) == http.StatusForbidden {
		return name, nil
	}
	return u.ID, err
}

// pastUserID is userID for the journal, which also has the events of users that were
// removed: an id is one although no user has it.
func (c *connection) pastUserID(ctx context.Context, name string) (string, error) {
	id, err := c.userID(ctx, name)
	if errors.Is(err, errNoUser) && anID.MatchString(name) {
		return name, nil
	}
	return id, err
}

func status(err error) int {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Status
	}
	return 0
}

// names maps ids to usernames, which are looked up for a batch of rows at a time.
type names map[string]string

// learn looks up the ids that are not known yet. A caller that may not read users gets
// ids in place of usernames.
func (n names) learn(ctx context.Context, c *connection, ids []string) error {
	var ask []string
	for _, id := range ids {
		if _, known := n[id]; !known && anID.MatchString(id) {
			n[id] = id // remains if the user is not found
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	users, err := c.UsersByIDs(ctx, ask...)
	if status(err) == http.StatusForbidden {
		return nil
	}
	for _, u := range users {
		n[u.ID] = u.Username
	}
	return err
}

// ahead returns the function that looks up the names in a batch of rows before it is
// printed.
func ahead[T any](ctx context.Context, c *connection, known names, ids func(T) []string) func([]T) error {
	return func(rows []T) error {
		var all []string
		for _, row := range rows {
			all = append(all, ids(row)...)
		}
		return known.learn(ctx, c, all)
	}
}

// of returns the username of an id, or the id.
func (n names) of(id string) string { return firstOf(n[id], id) }
