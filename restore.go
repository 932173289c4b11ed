package jeton

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Revocations is what a server took away after its backup was made: the events of its
// journal behind the position of the backup, in their order. Applied to the restored
// database they take it away again. They never give: what was given after the backup
// stays as it is in the backup. What the events do not tell exactly is made safe.
//
// Sessions are not among it: a restore ends them all.
type Revocations struct {
	events int
	lost   Lost
	tokens []tokenPast // in the order of the events
	users  pasts[userPast]
	roles  pasts[rolePast]
}

// Lost counts what was made after the backup, and is not in it.
type Lost struct {
	Tokens int `json:"tokens"`
	Users  int `json:"users"` // bots too
	Roles  int `json:"roles"`
}

// tokenPast is an event of a token.
type tokenPast struct {
	id     string
	action Action
}

// userPast is what happened to a user or bot.
type userPast struct {
	deactivated, activated int64 // the last positions; 0: not
	deleted                bool  // permanently
	password               bool  // changed
	roles                  value[[]string]
	owner                  value[string] // of a bot
	converted              bool          // from or to a bot
	unknown                Action        // an action of which nothing is known
	given                  []string      // fields that are as in the backup
}

// rolePast is what happened to a role.
type rolePast struct {
	removed map[string]bool // permissions
	added   bool
	unknown bool // permissions were changed, and the events do not tell which
	deleted bool
}

// value is the last value of a field, if it was changed.
type value[T any] struct {
	changed, known bool
	last           T
}

// pasts holds what happened to some records, in the order of their first event.
type pasts[T any] struct {
	byID map[string]*T
	ids  []string
}

func (p *pasts[T]) of(id string) *T {
	if p.byID == nil {
		p.byID = map[string]*T{}
	}
	past, ok := p.byID[id]
	if !ok {
		past = new(T)
		p.byID[id] = past
		p.ids = append(p.ids, id)
	}
	return past
}

// ErrRevocations says that the events of a server do not tell what it took away.
var ErrRevocations = errors.New("the revocations cannot be applied")

// Add adds the next event. Error: ErrRevocations, for an event that may have taken
// something away from anybody.
func (r *Revocations) Add(e Event) error {
	if e.Detail.Refused {
		return nil
	}
	r.events++
	subject, _, _ := strings.Cut(string(e.Action), ".")
	switch subject {
	case "session":
	case "token":
		r.addToken(e)
	case "user", "bot":
		r.addUser(e)
	case "role":
		r.addRole(e)
	default:
		return fmt.Errorf("%w: the event at position %d is %q, which changed more than it tells", ErrRevocations, e.Position, e.Action)
	}
	return nil
}

func (r *Revocations) addToken(e Event) {
	switch e.Action {
	case TokenCreate:
		r.lost.Tokens++
		return
	case TokenExpire: // they expired in the backup too
		return
	}
	r.tokens = append(r.tokens, tokenPast{e.Target, e.Action})
}

// plainUserActions are those whose events tell by their fields what was changed, or that
// take nothing away. All others but those of addUser deactivate the user.
var plainUserActions = []Action{
	UserUpdate, UserName, UserEmail, UserUnlock, UserPromote, UserToBot, BotUpdate, BotRename, BotToUser,
}

func (r *Revocations) addUser(e Event) {
	u := r.users.of(e.Target)
	switch e.Action {
	case UserCreate, BotCreate:
		r.lost.Users++
		return
	case UserDelete:
		u.deactivated = e.Position
		u.deleted = u.deleted || strings.HasPrefix(e.Detail.Note, "permanently")
	case UserDeactivate, BotDisable:
		u.deactivated = e.Position
	case UserActivate, BotEnable:
		u.activated = e.Position
	case UserPassword:
		u.password = true
	case UserRoles:
		u.roles = value[[]string]{changed: true, known: true, last: strings.Fields(e.Detail.Note)} // a field is more exact
	case BotAssign:
		u.owner = value[string]{changed: true}
	default:
		if !slices.Contains(plainUserActions, e.Action) {
			u.unknown = e.Action
		}
	}
	for _, id := range e.Detail.Also { // a user's bots
		r.users.of(id).deactivated = e.Position
	}
	for _, c := range e.Detail.Changes {
		u.field(c, e.Position)
	}
}

// field notes the change of one field.
func (u *userPast) field(c FieldChange, position int64) {
	switch c.Field {
	case "password":
		u.password = true
	case "roles":
		u.roles = value[[]string]{changed: true, known: whole(c.New), last: strings.Fields(c.New)}
	case "owner_id":
		u.owner = value[string]{changed: true, known: true, last: c.New}
	case "is_bot":
		u.converted = true
	case "active":
		if c.New == "false" {
			u.deactivated = position
		}
	case "failed_attempts": // the next right log-in sets it
	default:
		if !slices.Contains(u.given, c.Field) {
			u.given = append(u.given, c.Field)
		}
	}
}

// whole reports whether a list of the journal was not cut.
func whole(list string) bool { return !strings.Contains(list, "…") }

func (r *Revocations) addRole(e Event) {
	role := r.roles.of(e.Target)
	switch e.Action {
	case RoleCreate:
		r.lost.Roles++
		return
	case RoleDelete:
		role.deleted = true
		return
	}
	if role.removed == nil {
		role.removed = map[string]bool{}
	}
	if len(e.Detail.Changes) == 0 {
		role.unknown = true // as of a version whose events had no fields
	}
	for _, c := range e.Detail.Changes {
		if c.Field != "permissions" {
			continue
		}
		role.unknown = role.unknown || !whole(c.Old)
		for _, p := range strings.Fields(c.New) {
			delete(role.removed, p)
			role.added = true
		}
		for _, p := range strings.Fields(c.Old) {
			role.removed[p] = true
		}
	}
}
