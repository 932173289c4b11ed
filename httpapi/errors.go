package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"jeton"
	"jeton/web"
)

// errorJSON is Mattermost's AppError, and adds the value at fault. The detail is always
// empty: causes are for the log only.
type errorJSON struct {
	ID            string `json:"id"`
	Message       string `json:"message"`
	DetailedError string `json:"detailed_error"`
	RequestID     string `json:"request_id,omitempty"`
	StatusCode    int    `json:"status_code"`
	Value         string `json:"value,omitempty"` // the part of the request at fault; Mattermost has no such field
}

// row is the answer for one code. In the message, {} stands for the error's parameter.
type row struct {
	status  int
	id      string
	message string
}

// fields are the rows of codes that have an id and a message for each field. The field
// is the error's parameter.
var fields = map[jeton.Code]map[string]row{
	jeton.CodeUserInvalid: {
		"username":   {400, "model.user.is_valid.username.app_error", `Username must begin with a letter, and contain between 3 to 22 lowercase characters made up of numbers, letters, and the symbols ".", "-", and "_".`},
		"email":      {400, "model.user.is_valid.email.app_error", "Invalid email."},
		"nickname":   {400, "model.user.is_valid.nickname.app_error", "Invalid nickname."},
		"position":   {400, "model.user.is_valid.position.app_error", "Invalid position: must not be longer than 128 characters."},
		"first_name": {400, "model.user.is_valid.first_name.app_error", "Invalid first name."},
		"last_name":  {400, "model.user.is_valid.last_name.app_error", "Invalid last name."},
		"locale":     {400, "model.user.is_valid.locale.app_error", "Invalid locale."},
		"timezone":   {400, "model.user.is_valid.timezone_limit.app_error", "Invalid timezone: must not be longer than 256 characters."},
	},
	jeton.CodeBotInvalid: {
		"username":    {400, "model.bot.is_valid.username.app_error", "Invalid username."},
		"user_id":     {400, "model.bot.is_valid.user_id.app_error", "Invalid user id."},
		"description": {400, "model.bot.is_valid.description.app_error", "Invalid description."},
	},
}

// rowOf returns the row of an error, its parameter, and the value that it names. An
// error without a row is answered as an internal one.
func rowOf(err error) (r row, param, value string) {
	e, ok := errors.AsType[*jeton.Error](err)
	if !ok {
		return table[jeton.CodeInternal], "", ""
	}
	if r, ok := fields[e.Code][e.Param]; ok {
		return r, e.Param, e.Value
	}
	if r, ok := table[e.Code]; ok {
		return r, e.Param, e.Value
	}
	return table[jeton.CodeInternal], "", ""
}

// writeError answers a call with an error.
func writeError(c *web.Call, err error) {
	r, param, value := rowOf(err)
	h := c.Header()
	switch r.status {
	case http.StatusUnauthorized:
		h["Www-Authenticate"] = challenge
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h["Retry-After"] = []string{strconv.Itoa(web.RetryAfter(err))}
	}
	_ = c.WriteJSON(r.status, errorJSON{ // strings and numbers always encode
		ID: r.id, Message: strings.ReplaceAll(r.message, "{}", param), RequestID: c.ID, StatusCode: r.status,
		Value: value,
	})
}

var challenge = []string{`Bearer realm="jeton"`}
