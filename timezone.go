package jeton

import "encoding/json"

// Timezone holds a user's choice of a time zone, under the keys that the user's client
// knows: Mattermost's are useAutomaticTimezone, automaticTimezone and manualTimezone.
// The server stores it and does not read it. nil is the default of a new user; an empty
// Timezone is what a client sent. It is immutable: users share it.
type Timezone map[string]string

// maxTimezone is the greatest length of a Timezone as JSON, in characters, as in
// Mattermost. It bounds the number of keys too.
const maxTimezone = 256

// valid reports whether all texts are valid and their sum is within the limit.
func (z Timezone) valid() bool {
	for key, value := range z {
		if !validText(key) || !validText(value) {
			return false
		}
	}
	return fits(z.text(), maxTimezone)
}

// text returns the time zone as JSON, with sorted keys; empty for nil.
func (z Timezone) text() string {
	if z == nil {
		return ""
	}
	text, err := json.Marshal(map[string]string(z))
	if err != nil {
		return "" // a map of strings always has a text
	}
	return string(text)
}
