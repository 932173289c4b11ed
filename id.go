package jeton

import (
	"encoding/base32"
	"encoding/binary"
	"io"
	"time"
	"unicode"
)

// idLength is the length of every id, in bytes, as in Mattermost.
const idLength = 26

// idAlphabet has the 32 characters of Mattermost's ids, in the order of their
// bytes, so that ids sort as the numbers they encode.
const idAlphabet = "13456789abcdefghijkmnopqrstuwxyz"

var idEncoding = base32.NewEncoding(idAlphabet).WithPadding(base32.NoPadding)

// NewID returns an id of 26 characters: 48 bits of Unix milliseconds, then 82 bits
// from random. Ids of one node grow with time, so that an index of them grows at
// its end. Nothing relies on their order, and knowing an id grants nothing.
func NewID(now time.Time, random io.Reader) string {
	var b [17]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	_, _ = io.ReadFull(random, b[6:]) // crypto/rand never fails; a test's reader is endless
	var id [28]byte                   // 17 bytes have 6 bits more than an id; they are cut off
	idEncoding.Encode(id[:], b[:])
	return string(id[:idLength])
}

// ValidID reports whether s can be an id: 26 bytes that are letters and numbers of
// Unicode, as in Mattermost.
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
