package jeton

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// User is a person or a bot.
type User struct {
	ID                 string
	Username           string
	Email              string
	FirstName          string
	LastName           string
	Nickname           string
	Position           string
	Locale             string
	Roles              []string
	PasswordHash       string // empty: no log-in
	CreateAt           int64
	UpdateAt           int64
	DeleteAt           int64 // 0: active
	LastPasswordUpdate int64
	IsBot              bool
	BotOwnerID         string
	BotDescription     string
}

// Active reports whether the user may act.
func (u User) Active() bool { return u.DeleteAt == 0 }

// Owner returns what the access table and the verification need of a user.
func (u User) Owner() Owner {
	return Owner{ID: u.ID, Username: u.Username, Roles: u.Roles, DeleteAt: u.DeleteAt, IsBot: u.IsBot, BotOwnerID: u.BotOwnerID}
}

// Owner is the part of a user that decides what a credential may do.
type Owner struct {
	ID         string
	Username   string
	Roles      []string
	DeleteAt   int64
	IsBot      bool
	BotOwnerID string
}

// IsSystemAdmin reports whether the owner is a system administrator.
func (o Owner) IsSystemAdmin() bool { return slices.Contains(o.Roles, RoleSystemAdmin) }

// UserFilter says which users a list holds.
type UserFilter struct {
	Active   *bool    // nil: both
	Role     string   // empty: any
	Bots     bool     // bots too
	IDs      []string // nil: any
	Names    []string // nil: any
	Prefix   string   // in lower case: begins the username, a name, the nickname or the e-mail
	NewerMS  int64    // changed after this time; 0: any
	ByCreate bool     // order by creation, not by username
}

// BotFilter says which bots a list holds.
type BotFilter struct {
	OwnerID        string // empty: anybody's
	IncludeDeleted bool
	OnlyOrphaned   bool // only those whose owner is deactivated
}

// UserPatch changes the fields that are not nil.
type UserPatch struct {
	Username, Email, FirstName, LastName, Nickname, Position, Locale *string
	Password                                                         string // the present one, needed to change one's own e-mail
}

// NewUser is what a caller asks for.
type NewUser struct {
	ID                                                               string // must be empty: ids are given, not taken
	Username, Email, FirstName, LastName, Nickname, Position, Locale string
	Password                                                         string
}

// BotPatch changes the fields that are not nil.
type BotPatch struct {
	Username, DisplayName, Description *string
}

// Limits of what a user may hold; characters, but for the last two, which are bytes.
const (
	maxName        = 64
	maxPosition    = 128
	maxBotText     = 1024
	maxUsername    = 64
	maxEmail       = 128
	maxLocale      = 5
	maxRoles       = 256 // bytes of the list, as Mattermost's column
	MinPassword    = 8
	MaxPassword    = 72
	restrictedName = "all channel matterbot system"
)

var (
	usernamePattern = regexp.MustCompile(`^[a-z0-9._-]+$`)
	localePattern   = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?$`)
)

// ValidUsername reports whether s may be a username.
func ValidUsername(s string) bool {
	return len(s) <= maxUsername && usernamePattern.MatchString(s) &&
		!slices.Contains(strings.Fields(restrictedName), s)
}

// ValidEmail reports whether s is a plain e-mail address in lower case.
func ValidEmail(s string) bool {
	if s == "" || len(s) > maxEmail || s != strings.ToLower(s) || !validText(s) {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// validate judges a user as a whole; the error's parameter is the field.
func (u User) validate() error {
	short := func(s string, limit int) bool { return utf8.RuneCountInString(s) <= limit && validText(s) }
	switch {
	case !ValidUsername(u.Username):
		return failParam(CodeUserInvalid, "username")
	case !ValidEmail(u.Email):
		return failParam(CodeUserInvalid, "email")
	case !short(u.Nickname, maxName):
		return failParam(CodeUserInvalid, "nickname")
	case !short(u.Position, maxPosition):
		return failParam(CodeUserInvalid, "position")
	case !short(u.FirstName, maxName):
		return failParam(CodeUserInvalid, "first_name")
	case !short(u.LastName, maxName):
		return failParam(CodeUserInvalid, "last_name")
	case u.Locale != "" && (len(u.Locale) > maxLocale || !localePattern.MatchString(u.Locale)):
		return failParam(CodeUserInvalid, "locale")
	}
	return nil
}

// validateBot judges a bot as a whole, in the field names of Mattermost's errors
// (a display name that is too long is reported as user_id).
func (u User) validateBot() error {
	switch {
	case !ValidUsername(u.Username):
		return failParam(CodeBotInvalid, "username")
	case utf8.RuneCountInString(u.FirstName) > maxName || !validText(u.FirstName):
		return failParam(CodeBotInvalid, "user_id")
	case utf8.RuneCountInString(u.BotDescription) > maxBotText || !validText(u.BotDescription):
		return failParam(CodeBotInvalid, "description")
	}
	return nil
}

// validatePassword judges the length, in bytes.
func validatePassword(s string) error {
	switch {
	case len(s) < MinPassword:
		return fail(CodePasswordTooShort)
	case len(s) > MaxPassword:
		return fail(CodePasswordTooLong)
	}
	return nil
}
