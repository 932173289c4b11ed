package jeton

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The most bytes of a value in the journal. Longer values are cut, with a mark.
const (
	maxChangeText = 1024
	maxChangeList = 16 << 10
)

// changed returns the change of one field: none if the values are equal.
func changed(field, old, now string) []FieldChange {
	if old == now {
		return nil
	}
	return []FieldChange{{Field: field, Old: cutText(old), New: cutText(now)}}
}

// changedList is changed for a field that is a list.
func changedList(field string, old, now []string) []FieldChange {
	if slices.Equal(old, now) {
		return nil
	}
	return []FieldChange{{Field: field, Old: cutList(old), New: cutList(now)}}
}

// changedSet is changed for a long list without an order: Old has the items that were
// removed, New those that were added.
func changedSet(field string, old, now []string) []FieldChange {
	return changedList(field, without(old, now), without(now, old))
}

// changedSecret returns the change of a field whose values are never in the journal.
func changedSecret(field string) []FieldChange { return []FieldChange{{Field: field}} }

// userChanges returns the fields in which two states of a user differ. The zero User
// stands for no user: before a creation, after a removal.
func userChanges(old, now User) []FieldChange {
	name, about := "first_name", "bot_description"
	if old.IsBot || now.IsBot {
		name, about = "display_name", "description"
	}
	c := slices.Concat(
		changed("username", old.Username, now.Username), changed("email", old.Email, now.Email),
		changed(name, old.FirstName, now.FirstName), changed("last_name", old.LastName, now.LastName),
		changed("nickname", old.Nickname, now.Nickname), changed("position", old.Position, now.Position),
		changed("locale", old.Locale, now.Locale), changed("timezone", old.Timezone.text(), now.Timezone.text()),
		changedList("roles", old.Roles, now.Roles),
		changed("owner_id", old.BotOwnerID, now.BotOwnerID), changed(about, old.BotDescription, now.BotDescription),
	)
	if old.ID != "" && now.ID != "" {
		c = append(c, stateChanges(old, now)...)
	}
	return c
}

// stateChanges returns the changes of what only a user has who is there.
func stateChanges(old, now User) []FieldChange {
	c := slices.Concat(
		changed("is_bot", strconv.FormatBool(old.IsBot), strconv.FormatBool(now.IsBot)),
		changed("email_verified", strconv.FormatBool(old.EmailVerified), strconv.FormatBool(now.EmailVerified)),
		changed("failed_attempts", strconv.FormatInt(old.FailedAttempts, 10), strconv.FormatInt(now.FailedAttempts, 10)),
		changed("active", strconv.FormatBool(old.Active()), strconv.FormatBool(now.Active())),
	)
	if old.PasswordHash != now.PasswordHash {
		c = append(c, changedSecret("password")...)
	}
	return c
}

// roleChanges is userChanges for a role.
func roleChanges(old, now Role) []FieldChange {
	return slices.Concat(
		changed("name", old.Name, now.Name), changed("display_name", old.DisplayName, now.DisplayName),
		changed("description", old.Description, now.Description), changedSet("permissions", old.Permissions, now.Permissions),
	)
}

// tokenChanges is userChanges for a token.
func tokenChanges(old, now Token) []FieldChange {
	c := slices.Concat(
		changed("description", old.Description, now.Description),
		changed("scopes", scopesText(old.Scopes), scopesText(now.Scopes)),
		changed("expires_at", expiryText(old), expiryText(now)),
	)
	if old.ID != "" && now.ID != "" {
		c = append(c, changed("is_active", strconv.FormatBool(old.Active), strconv.FormatBool(now.Active))...)
	}
	return c
}

// scopesText is empty for a token that is not narrowed, and "[]" for one that is
// narrowed to nothing.
func scopesText(s Scopes) string {
	if s != nil && len(s) == 0 {
		return "[]"
	}
	return cutList(s)
}

// expiryText is empty for no token, and "0" for one that never expires.
func expiryText(t Token) string {
	if t.ID == "" {
		return ""
	}
	return strconv.FormatInt(t.ExpiresAt, 10)
}

// without returns the items of list that are not in other.
func without(list, other []string) []string {
	found := make(map[string]bool, len(other))
	for _, s := range other {
		found[s] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return found[s] })
}

func cutText(s string) string {
	if len(s) <= maxChangeText {
		return s
	}
	end := maxChangeText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d more bytes)", s[:end], len(s)-end)
}

// cutList joins a list with spaces, and leaves out items at its end that do not fit.
func cutList(list []string) string {
	size := 0
	for i, s := range list {
		if size += len(s) + 1; size > maxChangeList {
			return fmt.Sprintf("%s … (%d more)", strings.Join(list[:i], " "), len(list)-i)
		}
	}
	return strings.Join(list, " ")
}
