package client

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is the string that a client presents. It prints, logs and encodes as a
// mask; Reveal gives the string. Do not keep it where Go does not ask a type how it
// is written: in an unexported field of what is printed, or as the key of a JSON
// object.
type Secret string

const mask = "********"

// Reveal returns the string itself.
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

// Format writes a mask for every verb: %d and its like would never ask String.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns a mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns a mask: what is encoded may end in a log.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the string.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}
