package client

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is the string that authenticates a client. It prints, logs and encodes as a
// mask; Reveal returns the string. Do not store it where Go does not call the type's
// methods: in an unexported field of a value that is printed, or as the key of a JSON
// object.
type Secret string

const mask = "********"

// Reveal returns the secret string.
func (s Secret) Reveal() string { return string(s) }

// String returns a mask.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// GoString returns a mask.
func (s Secret) GoString() string { return s.String() }

// Format writes a mask for every verb: %d and others do not call String.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns a mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns a mask, because encoded values may be logged.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets the secret string.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}
