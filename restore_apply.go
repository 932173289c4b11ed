package jeton

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reapplied is what Revocations changed in a restored database.
type Reapplied struct {
	Events           int    `json:"events"` // behind the backup, without refusals
	Lost             Lost   `json:"lost"`
	TokensRevoked    int    `json:"tokens_revoked"`
	TokensDisabled   int    `json:"tokens_disabled"`
	UsersDeactivated int    `json:"users_deactivated"`
	UsersDeleted     int    `json:"users_deleted"`
	RolesTaken       int    `json:"roles_taken"`   // from a user each
	RolesChanged     int    `json:"roles_changed"` // roles that lost permissions or are deleted
	PasswordsLocked  int    `json:"passwords_locked"`
	BotsAssigned     int    `json:"bots_assigned"`
	Attention        []Note `json:"attention"` // what is not as it was, and what to do
}

// Note is a record that is not as it was on the server, and what the restore did.
type Note struct {
	ID   string `json:"id"`
	Name string `json:"name"` // of a user or role; empty: a token
	Text string `json:"text"`
}

// apply is one run of Revocations.Apply.
type apply struct {
	*Reapplied
	tx  Tx
	now int64
}

// Apply takes away what the events took away, as changes of tx at the time now, Unix
// milliseconds. Its errors are those of the store.
func (r *Revocations) Apply(tx Tx, now int64) (Reapplied, error) {
	out := Reapplied{Events: r.events, Lost: r.lost, Attention: []Note{}}
	a := apply{&out, tx, now}
	for _, id := range r.users.ids {
		if err := a.user(id, *r.users.byID[id], r); err != nil {
			return out, err
		}
	}
	if err := a.tokens(r.tokens); err != nil {
		return out, err
	}
	for _, id := range r.roles.ids {
		if err := a.role(id, *r.roles.byID[id]); err != nil {
			return out, err
		}
	}
	if n, err := tx.ActiveAdmins(); err != nil {
		return out, err
	} else if n == 0 {
		a.note("", "", `no active system administrator is left: run "jeton admin reset-password USER --system-admin"`)
	}
	return out, nil
}

func (a *apply) note(id, name, format string, args ...any) {
	a.Attention = append(a.Attention, Note{ID: id, Name: name, Text: fmt.Sprintf(format, args...)})
}

// user applies what happened to a user of the backup.
func (a *apply) user(id string, past userPast, r *Revocations) error {
	u, err := a.tx.User(id)
	if errors.Is(err, ErrNotFound) {
		return nil // made after the backup
	}
	if err != nil {
		return err
	}
	before := u
	u.Roles = slices.Clone(u.Roles)
	a.password(&u, past)
	a.rolesOf(&u, past)
	if err := a.owner(&u, past); err != nil {
		return err
	}
	a.unknown(&u, past)
	if past.deactivated > past.activated || past.deleted {
		a.deactivate(&u)
	}
	if !before.Active() && past.activated > past.deactivated {
		a.note(id, u.Username, "was activated after the backup, and is not activated again")
	}
	if len(past.given) > 0 {
		a.note(id, u.Username, "is as in the backup again: %s", strings.Join(past.given, ", "))
	}
	u.UpdateAt = a.now
	if err := a.tx.SetUser(u); err != nil {
		return err
	}
	if past.deactivated > 0 && !u.IsBot {
		if err := a.botsOf(u, past.deactivated, r); err != nil {
			return err
		}
	}
	if !past.deleted {
		return nil
	}
	a.UsersDeleted++
	return a.tx.RemoveUser(id, a.now)
}

// deactivate deactivates an active user.
func (a *apply) deactivate(u *User) {
	if u.Active() {
		u.DeleteAt = a.now
		a.UsersDeactivated++
	}
}

// password locks a password that is no longer the user's: the journal does not have the
// new one.
func (a *apply) password(u *User, past userPast) {
	if !past.password || u.IsBot || u.PasswordHash == "" {
		return
	}
	u.PasswordHash, u.LastPasswordUpdate = "", a.now
	a.PasswordsLocked++
	a.note(u.ID, u.Username, `the password was changed after the backup, and the earlier one is not accepted: run "jeton admin reset-password %s"`, u.Username)
}

// rolesOf takes roles from a user, and gives none.
func (a *apply) rolesOf(u *User, past userPast) {
	if !past.roles.changed {
		return
	}
	if !past.roles.known {
		past.roles.last = nil
		a.note(u.ID, u.Username, "the roles were changed after the backup, and the list does not tell how: the user has none now")
	}
	kept := slices.DeleteFunc(slices.Clone(u.Roles), func(role string) bool { return !slices.Contains(past.roles.last, role) })
	a.RolesTaken += len(u.Roles) - len(kept)
	given := slices.DeleteFunc(slices.Clone(past.roles.last), func(role string) bool { return slices.Contains(u.Roles, role) })
	u.Roles = kept
	if len(given) > 0 {
		a.note(u.ID, u.Username, "was given roles after the backup, which are not given again: %s", strings.Join(given, " "))
	}
}

// owner gives a bot to the owner that it had. The earlier one must not have it again.
func (a *apply) owner(u *User, past userPast) error {
	if !past.owner.changed || !u.IsBot || past.owner.known && past.owner.last == u.BotOwnerID {
		return nil
	}
	if past.owner.known {
		owner, err := a.tx.User(past.owner.last)
		if err == nil && !owner.IsBot {
			u.BotOwnerID = owner.ID
			a.BotsAssigned++
			return nil
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	a.deactivate(u)
	a.note(u.ID, u.Username, "was given to an owner who is not in the backup or not told: the bot is disabled; assign it before you enable it")
	return nil
}

// unknown makes safe what cannot be applied.
func (a *apply) unknown(u *User, past userPast) {
	switch {
	case past.converted:
		a.deactivate(u)
		a.note(u.ID, u.Username, "was converted between a person and a bot after the backup, which is not done again: it is deactivated")
	case past.unknown != "":
		a.deactivate(u)
		a.note(u.ID, u.Username, "%q happened after the backup, and this program does not know it: the user is deactivated", past.unknown)
	}
}

// botsOf disables the bots that went with their owner at a position, but those that were
// enabled later.
func (a *apply) botsOf(u User, position int64, r *Revocations) error {
	bots, err := a.tx.DisableBotsOf(u.ID, a.now)
	if err != nil {
		return err
	}
	for _, id := range bots {
		past := r.users.byID[id]
		if past == nil || past.activated < max(position, past.deactivated) || past.converted || past.unknown != "" {
			a.UsersDeactivated++
			continue
		}
		bot, err := a.tx.User(id)
		if err != nil {
			return err
		}
		bot.DeleteAt = 0 // as the server had it
		if err := a.tx.SetUser(bot); err != nil {
			return err
		}
	}
	return nil
}

// tokens revokes and disables tokens, each with those that it made for the same owner.
func (a *apply) tokens(past []tokenPast) error {
	revoked, disabled := map[string]bool{}, map[string]bool{}
	for _, p := range past {
		t, err := a.tx.Token(p.id)
		if errors.Is(err, ErrNotFound) {
			continue // made after the backup, or gone with its owner
		}
		if err != nil {
			return err
		}
		if p.action == TokenEnable {
			delete(disabled, p.id)
			if !t.Active {
				a.note(p.id, "", "the token was enabled after the backup, and is not enabled again")
			}
			continue
		}
		into := disabled
		switch p.action {
		case TokenRevoke:
			into = revoked
		case TokenDisable:
		default:
			a.note(p.id, "", "%q happened after the backup, and this program does not know it: the token is disabled", p.action)
		}
		made, _, err := a.tx.TokensMadeBy(p.id, t.UserID)
		if err != nil {
			return err
		}
		for _, id := range append(made, p.id) {
			into[id] = true
		}
	}
	maps.DeleteFunc(disabled, func(id string, _ bool) bool { return revoked[id] })
	a.TokensRevoked, a.TokensDisabled = len(revoked), len(disabled)
	if err := a.tx.SetTokensActive(slices.Sorted(maps.Keys(disabled)), false); err != nil {
		return err
	}
	return a.tx.RemoveTokens(slices.Sorted(maps.Keys(revoked)), a.now)
}

// role takes permissions from a role of the backup.
func (a *apply) role(id string, past rolePast) error {
	r, err := roleByID(a.tx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	had := len(r.Permissions)
	if past.deleted {
		assigned, err := a.tx.RoleAssigned(r.Name)
		if err != nil {
			return err
		}
		if !assigned && !r.BuiltIn {
			a.RolesChanged++
			return a.tx.RemoveRole(id)
		}
		past.unknown = true
	}
	switch {
	case !past.unknown:
		r.Permissions = slices.DeleteFunc(slices.Clone(r.Permissions), func(p string) bool { return past.removed[p] })
	case r.Name == RoleSystemAdmin:
		a.note(id, r.Name, "the permissions were changed after the backup, and the list does not tell how: they are as in the backup; check them")
	default:
		r.Permissions = []string{}
		a.note(id, r.Name, "the permissions were changed after the backup, and the list does not tell how: the role has none now; set them")
	}
	if past.added {
		a.note(id, r.Name, "was given permissions after the backup, which are not given again")
	}
	if len(r.Permissions) == had {
		return nil
	}
	a.RolesChanged++
	r.UpdateAt = a.now
	return a.tx.SetRole(r)
}
