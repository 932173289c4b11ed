package jeton

import (
	"encoding/binary"
	"io"
	"time"
	"unicode"
)

// idLength is the length of every id, in bytes, as in Mattermost.
const idLength = 26

// idAlphabet holds the 32 characters of Mattermost's ids, in the order of their
// bytes, so that ids compare as the numbers they stand for.
const idAlphabet = "13456789abcdefghijkmnopqrstuwxyz"

// NewID returns an id of 26 characters: 48 bits of Unix milliseconds, then 82
// random bits. Ids of one node grow with time, so that a database appends to its index
// of them. No code relies on their order, and knowing an id grants nothing.
func NewID(now time.Time, random io.Reader) string {
	var b [17]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	_, _ = io.ReadFull(random, b[6:]) // crypto/rand never fails, nor does the reader of a test
	var id [idLength]byte
	bits, have, at := uint(0), 0, 0
	for i := range id {
		for have < 5 {
			bits, have, at = bits<<8|uint(b[at]), have+8, at+1
		}
		have -= 5
		id[i] = idAlphabet[bits>>have&31]
	}
	return string(id[:])
}

// ValidID reports whether s is well-formed as an id: 26 bytes of letters and numbers, by
// Mattermost's rule.
func ValidID(s string) bool {
	if len(s) != idLength {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			return false
		}
	}
	return true
}
