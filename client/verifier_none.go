package client

import (
	"hash/crc32"
	"strings"
	"sync"
	"time"
)

const (
	secretAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	bareLength     = 26 // of a secret in Mattermost's form
	bodyLength     = 36 // behind the prefix and the underscore: 30 random characters and 6 of CRC-32
	maxPrefix      = 16

	noneKept = time.Second // how long an answer that a token is not good is cached
	mostNone = 1024        // such answers in one generation
)

// possibleSecret reports whether a string can be a secret of any server's: 26 letters and
// digits, or a prefix, an underscore, 30 characters and their checksum. Anything else is
// not worth a question.
func possibleSecret(secret string) bool {
	prefix, body, ok := strings.Cut(secret, "_")
	if !ok {
		return len(secret) == bareLength && strings.Trim(secret, secretAlphabet) == ""
	}
	if len(prefix) == 0 || len(prefix) > maxPrefix || len(body) != bodyLength || strings.Trim(body, secretAlphabet) != "" {
		return false
	}
	end := len(secret) - 6
	return checksum(secret[:end]) == secret[end:]
}

// checksum returns the CRC-32 (IEEE) of s in base 62.
func checksum(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	var out [6]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = secretAlphabet[n%62]
		n /= 62
	}
	return string(out[:])
}

// none holds answers that a token is not good, for a short time and in two generations,
// so that one client that repeats a bad secret does not cost a question each time.
type none struct {
	mu         sync.Mutex
	young, old map[digest]noneEntry
}

type noneEntry struct {
	at   time.Time
	asOf uint64 // as in entry
}

func (n *none) set(key digest, e noneEntry) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.young == nil || len(n.young) >= mostNone {
		n.old, n.young = n.young, map[digest]noneEntry{}
	}
	n.young[key] = e
}

// holds reports whether an answer is cached that still counts: no event was applied
// since it was asked for, which might have made the token good.
func (n *none) holds(key digest, now time.Time, applied uint64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	e, ok := n.young[key]
	if !ok {
		e, ok = n.old[key]
	}
	age := now.Sub(e.at)
	return ok && e.asOf == applied && age >= 0 && age < noneKept
}
