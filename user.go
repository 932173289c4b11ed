package jeton

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
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
	PasswordHash       string // empty: the user cannot log in
	CreateAt           int64
	UpdateAt           int64
	DeleteAt           int64 // 0: active
	LastPasswordUpdate int64
	IsBot              bool
	BotOwnerID         string
	BotDescription     string
	EmailVerified      bool     // an administrator vouched for the e-mail address
	Timezone           Timezone // nil: the default
	LastLogin          int64    // Unix milliseconds; 0: never
	FailedAttempts     int64    // wrong passwords since the last right one
}

// Active reports whether the user is not deactivated.
func (u User) Active() bool { return u.DeleteAt == 0 }

// Owner returns what the access table and verification need to know of a user.
func (u User) Owner() Owner {
	return Owner{ID: u.ID, Username: u.Username, Roles: u.Roles, DeleteAt: u.DeleteAt, IsBot: u.IsBot, BotOwnerID: u.BotOwnerID}
}

// Owner is the part of a user that decides what the user's credentials allow.
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

// UserPatch holds new values of a user's fields; nil: unchanged.
type UserPatch struct {
	Username, Email, FirstName, LastName, Nickname, Position, Locale *string
	Timezone                                                         Timezone
	Password                                                         string // the present password, needed to change the actor's own e-mail address
}

// NewUser is a user that a caller asks to create.
type NewUser struct {
	ID                                                               string // must be empty: the server chooses ids
	Username, Email, FirstName, LastName, Nickname, Position, Locale string
	Password                                                         string
	Timezone                                                         Timezone // nil: the default
	EmailVerified                                                    bool     // ignored unless the actor is an administrator
}

// BotPatch holds new values of a bot's fields; nil: unchanged.
type BotPatch struct {
	Username, DisplayName, Description *string
}

// Limits of a user's texts, in characters.
const (
	maxName     = 64
	maxPosition = 128
	maxBotText  = 1024
)

// maxBotsPerOwner is the most bots of one owner, enabled or not. Each can hold as many
// tokens as a person.
const maxBotsPerOwner = 1000

// Limits of a user's texts, in bytes.
const (
	maxUsername = 64
	maxEmail    = 128
	maxLocale   = 5
	maxRoles    = 256 // of the list, with a space between; the size of Mattermost's column
)

const defaultLocale = "en"

var (
	reservedUsernames = []string{"all", "channel", "matterbot", "system"}

	usernamePattern = regexp.MustCompile(`^[a-z0-9._-]+$`)
	localePattern   = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?$`)
)

// ValidUsername reports whether s is a well-formed username.
func ValidUsername(s string) bool {
	return len(s) <= maxUsername && usernamePattern.MatchString(s) && !slices.Contains(reservedUsernames, s)
}

// ValidEmail reports whether s is a plain e-mail address in lower case.
func ValidEmail(s string) bool {
	if s == "" || len(s) > maxEmail || s != strings.ToLower(s) || !validText(s) {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// validate checks all fields of a user. The error's parameter is the field.
func (u User) validate() error {
	switch {
	case !ValidUsername(u.Username):
		return failParam(CodeUserInvalid, "username")
	case !ValidEmail(u.Email):
		return failParam(CodeUserInvalid, "email")
	case !fits(u.Nickname, maxName):
		return failParam(CodeUserInvalid, "nickname")
	case !fits(u.Position, maxPosition):
		return failParam(CodeUserInvalid, "position")
	case !fits(u.FirstName, maxName):
		return failParam(CodeUserInvalid, "first_name")
	case !fits(u.LastName, maxName):
		return failParam(CodeUserInvalid, "last_name")
	case u.Locale != "" && (len(u.Locale) > maxLocale || !localePattern.MatchString(u.Locale)):
		return failParam(CodeUserInvalid, "locale")
	case !u.Timezone.valid():
		return failParam(CodeUserInvalid, "timezone")
	}
	return nil
}

// validateBot checks all fields of a bot. The error's parameter is the field as
// Mattermost's errors name it: user_id stands for the display name.
func (u User) validateBot() error {
	switch {
	case !ValidUsername(u.Username):
		return failParam(CodeBotInvalid, "username")
	case !fits(u.FirstName, maxName):
		return failParam(CodeBotInvalid, "user_id")
	case !fits(u.BotDescription, maxBotText):
		return failParam(CodeBotInvalid, "description")
	}
	return nil
}
