package jeton

import (
	"errors"
	"fmt"
	"time"
)

// Code names one way in which a use case can fail. The fronts translate a code into
// their own form: a Mattermost error id, an HTTP status, a line on a terminal. This
// package knows none of these.
type Code string

// The codes, by subject. A code that ends in Failed means that the store could not
// do its part; the caller can try again.
const (
	CodeUnauthenticated Code = "unauthenticated"   // no usable session or token
	CodeAuthFailed      Code = "auth_failed"       // the store could not be asked about a secret
	CodeForbidden       Code = "forbidden"         // the access table refuses
	CodeInvalidBody     Code = "invalid_body"      // Param names the field
	CodeInvalidURL      Code = "invalid_url"       // Param names the parameter
	CodePayload         Code = "payload"           // an array was expected
	CodeInternal        Code = "internal"          // a fault of the server
	CodeBusy            Code = "busy"              // try again after RetryAfter
	CodeJournalFailed   Code = "journal_failed"    // reading the journal failed
	CodeBodyTooLarge    Code = "body_too_large"    // the request body is over the limit
	CodeRouteNotFound   Code = "route_not_found"   // unknown path or method
	CodeURLTooLong      Code = "url_too_long"      // the request line is over the limit
	CodeLicenseFormat   Code = "license_format"    // the request does not name the format of the licence
	CodeTooManyRequests Code = "too_many_requests" // a rate limit; RetryAfter is set
	CodeTooManyReads    Code = "too_many_reads"    // lists and searches of one client; RetryAfter is set
	CodeTooManyUnknown  Code = "too_many_unknown"  // unknown secrets of one network; RetryAfter is set
	CodeListTooLong     Code = "list_too_long"     // of ids or names in a request; Param is the limit
	CodeTermTooLong     Code = "term_too_long"     // of a search; Param is the limit
)

// Codes of tokens.
const (
	CodeTokenNotFound       Code = "token_not_found"
	CodeTokensDisabled      Code = "tokens_disabled" // the settings allow tokens of bots only
	CodeTokenDescription    Code = "token_description"
	CodeTokenExpiresInPast  Code = "token_expires_in_past"
	CodeTokenExpiresTooLate Code = "token_expires_too_late" // later than the end of the token that creates or enables it
	CodeTokenScopes         Code = "token_scopes"
	CodeTokenLimit          Code = "token_limit" // Param is the limit
	CodeTokenSaveFailed     Code = "token_save_failed"
	CodeTokenListFailed     Code = "token_list_failed"
	CodeTokenGetFailed      Code = "token_get_failed"
	CodeTokenSearchFailed   Code = "token_search_failed"
	CodeNoSecret            Code = "no_secret" // a string that cannot be a secret
	CodeTokenRevokeFailed   Code = "token_revoke_failed"
	CodeTokenDisableFailed  Code = "token_disable_failed"
	CodeTokenEnableFailed   Code = "token_enable_failed"
)

// Codes of log-in and sessions.
const (
	CodeBlankPassword      Code = "blank_password"
	CodeBadCredentials     Code = "bad_credentials"
	CodeAccountDeactivated Code = "account_deactivated"
	CodeBotLogin           Code = "bot_login" // told only after the right password
	CodeLogInFailed        Code = "log_in_failed"
	CodeSessionNotFound    Code = "session_not_found"
	CodeSessionListFailed  Code = "session_list_failed"
	CodeSessionEndFailed   Code = "session_end_failed"
)

// Codes of users.
const (
	CodeUserNotFound        Code = "user_not_found"
	CodeUserNotFoundForRole Code = "user_not_found_for_roles" // the route for a user's roles answers 400
	CodeUserByNameNotFound  Code = "user_by_name_not_found"
	CodeNoOpenServer        Code = "no_open_server"
	CodeUserExisting        Code = "user_existing" // the new user has an id
	CodeEmailTaken          Code = "email_taken"
	CodeUsernameTaken       Code = "username_taken"
	CodeUserInvalid         Code = "user_invalid" // Param names the field, as in model.user.is_valid.FIELD
	CodePasswordTooShort    Code = "password_too_short"
	CodePasswordTooLong     Code = "password_too_long"
	CodePasswordText        Code = "password_text"      // it is not valid UTF-8
	CodePasswordSimple      Code = "password_simple"    // a few characters repeated
	CodePasswordCommon      Code = "password_common"    // attackers try it first
	CodePasswordNamed       Code = "password_named"     // made of the user's own names
	CodePasswordOther       Code = "password_other"     // another user's, without the permission
	CodePasswordHashed      Code = "password_hashed"    // a hash instead of a password, without the permission
	CodePasswordHashForm    Code = "password_hash_form" // a hash in an unknown form, or of an unfit cost
	CodePasswordHashToken   Code = "password_hash_by_token"
	CodeUnlock              Code = "unlock" // failed attempts reset without the permission
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
	CodeUserCountFailed     Code = "user_count_failed"
)

// Codes of bots and roles.
const (
	CodeBotNotFound         Code = "bot_not_found"
	CodeBotInvalid          Code = "bot_invalid" // Param names the field, as in model.bot.is_valid.FIELD
	CodeBotSaveFailed       Code = "bot_save_failed"
	CodeBotGetFailed        Code = "bot_get_failed"
	CodeBotListFailed       Code = "bot_list_failed"
	CodeBotUpdateFailed     Code = "bot_update_failed"
	CodeBotLimit            Code = "bot_limit"      // Param is the limit
	CodeBotAlready          Code = "bot_already"    // the user to convert is a bot
	CodeGuestNot            Code = "guest_not"      // the user to promote is no guest
	CodeGuestsOff           Code = "guests_off"     // users cannot be made guests here
	CodeGuestRoleOff        Code = "guest_role_off" // the guests' role gets no permissions here
	CodeRoleNotFound        Code = "role_not_found"
	CodeRoleByNameNotFound  Code = "role_by_name_not_found"
	CodeRoleInvalid         Code = "role_invalid"
	CodeRoleNameTaken       Code = "role_name_taken"
	CodeRoleBuiltIn         Code = "role_built_in" // cannot be deleted
	CodeRoleAssigned        Code = "role_assigned" // cannot be deleted while a user has it
	CodeRoleProtected       Code = "role_protected_permission"
	CodeRoleTooManyNames    Code = "role_too_many_names" // Param is the limit
	CodeRoleGetFailed       Code = "role_get_failed"
	CodeRoleGetByNameFailed Code = "role_get_by_name_failed"
	CodeRoleGetNamesFailed  Code = "role_get_names_failed"
	CodeRoleListFailed      Code = "role_list_failed"
	CodeRoleSaveFailed      Code = "role_save_failed"
)

// Error is the error of every use case. Its code and parameter can be shown to the
// client; the cause is for the log only, and never contains a secret.
type Error struct {
	Code       Code
	Param      string        // what the message names: a field, a parameter, a limit
	Value      string        // the part of the request at fault, as shown gives it; for the client, never for the log
	RetryAfter time.Duration // how long to wait before another attempt; 0: unknown
	Err        error         // the cause, for the log

	refusal       bool   // a refusal although the code does not say so: see isRefusal
	target, owner string // of a refusal: what it aimed at, see aim
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

// fail returns an error with a code, failParam one with a parameter too.
func fail(code Code) error                    { return &Error{Code: code} }
func failParam(code Code, param string) error { return &Error{Code: code, Param: param} }

// failValue is failParam for an error that also names the part of the request at fault:
// one role of a list, one permission.
func failValue(code Code, param, value string) error {
	return &Error{Code: code, Param: param, Value: shown(value)}
}

// hideRefusal returns a refusal that the client sees as another error, so that it
// does not learn whether the target exists.
func hideRefusal(code Code) error { return &Error{Code: code, refusal: true} }

// isRefusal reports whether err says that the actor is not allowed the action. The
// journal counts refusals.
func isRefusal(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case CodeForbidden, CodeUpdateActive, CodePasswordOther, CodePasswordHashed, CodePasswordHashToken, CodeUnlock, CodeNoOpenServer:
		return true
	}
	return e.refusal
}

// withCode returns an *Error unchanged, and any other error as the cause of an *Error
// with the code.
func withCode(err error, code Code) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return &Error{Code: code, Err: err}
}

// The errors that a store returns by name. Any other error means that the store
// failed.
var (
	ErrNotFound      = errors.New("not found")
	ErrUsernameTaken = errors.New("username taken")
	ErrEmailTaken    = errors.New("e-mail taken")
	ErrRoleNameTaken = errors.New("role name taken")

	// ErrUnchanged ends a change that found nothing to do. It is not a failure.
	ErrUnchanged = errors.New("nothing to change")

	// ErrRetired is the ErrNotFound of a secret that belonged to a token once.
	ErrRetired = fmt.Errorf("retired secret: %w", ErrNotFound)
)

// storeError turns an error of the store into one of the use case: notFound when the
// row does not exist, failed when the store could not answer. An *Error, which comes
// from inside a change, is returned unchanged.
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
