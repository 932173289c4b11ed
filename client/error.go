package client

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is an answer of the server that is not a success.
type Error struct {
	Status     int           // the HTTP status
	ID         string        // Mattermost's error id, for programs: "api.context.permissions.app_error"; empty if another server answered
	Message    string        // for people
	Value      string        // the part of the request at fault: one role of a list, one permission; empty: not stated
	RequestID  string        // identifies the call in the server's log
	RetryAfter time.Duration // the time that the server asks the client to wait; 0: not stated
	Location   string        // the target of a redirect
}

// Error returns the message, the value at fault, the status and the error id.
func (e *Error) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("the answer is %d %s, and not one of this API", e.Status, http.StatusText(e.Status))
	}
	message := strings.TrimRight(e.Message, ". ")
	if e.Value != "" {
		message += fmt.Sprintf(": %q", e.Value)
	}
	return fmt.Sprintf("%s (%d, %s)", message, e.Status, e.ID)
}

// Temporary reports whether the server could not decide, as opposed to refused: the same
// call may succeed later.
func (e *Error) Temporary() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
