package client

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is what the server answered instead of what was asked for.
type Error struct {
	Status     int           // of HTTP
	ID         string        // Mattermost's, for programs: "api.context.permissions.app_error"; empty if what answered is no such server
	Message    string        // for people
	RequestID  string        // finds the call in the server's log
	RetryAfter time.Duration // how long the server asks to wait; 0: it does not say
	Location   string        // where a redirect points to
}

// Error says what it was.
func (e *Error) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("the answer is %d %s, and not one of this API", e.Status, http.StatusText(e.Status))
	}
	return fmt.Sprintf("%s (%d, %s)", strings.TrimRight(e.Message, ". "), e.Status, e.ID)
}

// Temporary reports whether the server could not say, rather than said no: the
// same call may go through later.
func (e *Error) Temporary() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
