package jeton

import (
	"errors"
	"fmt"
	"time"
)

// Code names one way a use case can end badly. The fronts translate a code into
// their own wire (a Mattermost error id, an HTTP status, a line on a terminal);
// this package knows nothing of either.
type Code string

// The codes, by subject. Those ending in Failed say that the store could not do
// its part: nothing was changed that was answered, and the caller may try again.
const (
	CodeUnauthenticated Code = "unauthenticated"  // no usable session or token
	CodeAuthFailed      Code = "auth_failed"      // the store could not be asked about a secret
	CodeForbidden       Code = "forbidden"        // the access table says no
	CodeInvalidBody     Code = "invalid_body"     // Param names the field
	CodeInvalidURL      Code = "invalid_url"      // Param names the parameter
	CodePayload         Code = "payload"          // an array was expected
	CodeInternal        Code = "internal"         // a fault of our own
	CodeBusy            Code = "busy"             // try again after RetryAfter
	CodeJournalFailed   Code = "journal_failed"   // reading the journal failed
	CodeBodyTooLarge    Code = "body_too_large"   // the request's body passes the limit
	CodeRouteNotFound   Code = "route_not_found"  // unknown path or method
	CodeURLTooLong      Code = "url_too_long"     // the request line passes the limit
	CodeTooManyRequests Code = "too_many_attempt" // log-in guard; RetryAfter is set
)

// Codes of tokens.
const (
	CodeTokenNotFound       Code = "token_not_found"
	CodeTokensDisabled      Code = "tokens_disabled" // the feature is switched off for people
	CodeTokenDescription    Code = "token_description"
	CodeTokenExpiresInPast  Code = "token_expires_in_past"
	CodeTokenExpiresTooLate Code = "token_expires_too_late" // later than the token that makes it
	CodeTokenScopes         Code = "token_scopes"
	CodeTokenLimit          Code = "token_limit" // Param is the limit
	CodeTokenSaveFailed     Code = "token_save_failed"
	CodeTokenListFailed     Code = "token_list_failed"
	CodeTokenGetFailed      Code = "token_get_failed"
	CodeTokenSearchFailed   Code = "token_search_failed"
	CodeTokenRevokeFailed   Code = "token_revoke_failed"
	CodeTokenDisableFailed  Code = "token_disable_failed"
	CodeTokenEnableFailed   Code = "token_enable_failed"
)

// Codes of log-in and sessions.
const (
	CodeBlankPassword      Code = "blank_password"
	CodeBadCredentials     Code = "bad_credentials"
	CodeAccountDeactivated Code = "account_deactivated"
	CodeBotLogin           Code = "bot_login" // told after the right password only
	CodeLogInFailed        Code = "log_in_failed"
	CodeSessionNotFound    Code = "session_not_found"
	CodeSessionListFailed  Code = "session_list_failed"
	CodeSessionEndFailed   Code = "session_end_failed"
)

// Codes of users.
const (
	CodeUserNotFound        Code = "user_not_found"
	CodeUserNotFoundForRole Code = "user_not_found_for_roles" // the roles route answers 400
	CodeUserByNameNotFound  Code = "user_by_name_not_found"
	CodeNoOpenServer        Code = "no_open_server"
	CodeUserExisting        Code = "user_existing" // an id was given on create
	CodeEmailTaken          Code = "email_taken"
	CodeUsernameTaken       Code = "username_taken"
	CodeUserInvalid         Code = "user_invalid"    // Param names the field, as in model.user.is_valid.FIELD
	CodePasswordPolicy      Code = "password_policy" // on create, as Mattermost words it
	CodePasswordTooShort    Code = "password_too_short"
	CodePasswordTooLong     Code = "password_too_long"
	CodePasswordOther       Code = "password_other" // another user's, without the permission
	CodePasswordHashed      Code = "password_hashed"
	CodePasswordHashForm    Code = "password_hash_form" // an already hashed password that cannot be read
	CodePasswordIncorrect   Code = "password_incorrect"
	CodePasswordFailed      Code = "password_failed"
	CodeRolesLimit          Code = "roles_limit"
	CodeRoleNotAssignable   Code = "role_not_assignable" // the role does not exist
	CodeLastAdmin           Code = "last_admin"
	CodeUpdateActive        Code = "update_active" // (de)activation without the permission
	CodeDeactivateSelf      Code = "deactivate_self"
	CodeDeletionDisabled    Code = "deletion_disabled"
	CodeUserSaveFailed      Code = "user_save_failed"
	CodeUserGetFailed       Code = "user_get_failed"
	CodeUserListFailed      Code = "user_list_failed"
	CodeUserSearchFailed    Code = "user_search_failed"
	CodeUserUpdateFailed    Code = "user_update_failed"
)

// Codes of bots and roles.
const (
	CodeBotNotFound         Code = "bot_not_found"
	CodeBotInvalid          Code = "bot_invalid" // Param names the field, as in model.bot.is_valid.FIELD
	CodeBotSaveFailed       Code = "bot_save_failed"
	CodeBotGetFailed        Code = "bot_get_failed"
	CodeBotListFailed       Code = "bot_list_failed"
	CodeBotUpdateFailed     Code = "bot_update_failed"
	CodeRoleNotFound        Code = "role_not_found"
	CodeRoleByNameNotFound  Code = "role_by_name_not_found"
	CodeRoleInvalid         Code = "role_invalid"
	CodeRoleNameTaken       Code = "role_name_taken"
	CodeRoleBuiltIn         Code = "role_built_in" // cannot be deleted
	CodeRoleAssigned        Code = "role_assigned" // cannot be deleted while somebody has it
	CodeRoleProtected       Code = "role_protected_permission"
	CodeRoleTooManyNames    Code = "role_too_many_names" // Param is the limit
	CodeRoleGetFailed       Code = "role_get_failed"
	CodeRoleGetByNameFailed Code = "role_get_by_name_failed"
	CodeRoleGetNamesFailed  Code = "role_get_names_failed"
	CodeRoleListFailed      Code = "role_list_failed"
	CodeRoleSaveFailed      Code = "role_save_failed"
)

// Error is how every use case fails. Its code and parameter may be shown to
// anyone; the cause is for the log alone and never holds a secret.
type Error struct {
	Code       Code
	Param      string        // what the message names: a field, a parameter, a limit
	RetryAfter time.Duration // when it makes sense to ask again; 0: not said
	Err        error         // the cause, for the log
}

func (e *Error) Error() string {
	s := string(e.Code)
	if e.Param != "" {
		s += " (" + e.Param + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of err: "" for nil, CodeInternal for an error that is
// not one of ours.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// fail makes an error of a code alone, failParam one that names something.
func fail(code Code) error                    { return &Error{Code: code} }
func failParam(code Code, param string) error { return &Error{Code: code, Param: param} }

// What a store answers beside success. Anything else it returns means that it
// could not do its work, and use cases report it as such.
var (
	ErrNotFound      = errors.New("not found")
	ErrUsernameTaken = errors.New("username taken")
	ErrEmailTaken    = errors.New("e-mail taken")
	ErrRoleNameTaken = errors.New("role name taken")

	// ErrUnchanged ends a change that found nothing to do. It is no failure.
	ErrUnchanged = errors.New("nothing to change")

	// ErrRetired is the ErrNotFound of a secret that opened a token once.
	ErrRetired = fmt.Errorf("retired secret: %w", ErrNotFound)
)

// storeError turns what a store returned into an error of the use case: notFound
// where the row is missing, failed where the store could not answer. An *Error,
// made inside a change, passes as it is.
func storeError(err error, notFound, failed Code) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	switch {
	case errors.Is(err, ErrNotFound) && notFound != "":
		return fail(notFound)
	case errors.Is(err, ErrUsernameTaken):
		return fail(CodeUsernameTaken)
	case errors.Is(err, ErrEmailTaken):
		return fail(CodeEmailTaken)
	case errors.Is(err, ErrRoleNameTaken):
		return fail(CodeRoleNameTaken)
	}
	return &Error{Code: failed, RetryAfter: time.Second, Err: fmt.Errorf("store: %w", err)}
}
