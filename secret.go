package jeton

import (
	"crypto/sha256"
	"crypto/subtle"
	"hash/crc32"
	"io"
	"log/slog"
	"strings"
)

// Secret is the string that a client presents. Every way to print it gives a mask;
// only Reveal returns the string.
type Secret struct{ text string }

const mask = "[secret]"

// String, GoString, LogValue and MarshalJSON all give the mask.
func (Secret) String() string { return mask }

// GoString gives the mask.
func (Secret) GoString() string { return mask }

// LogValue gives the mask.
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalJSON gives the mask.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }

// Reveal returns the secret itself, for the one answer that contains it.
func (s Secret) Reveal() string { return s.text }

// Digest is the stored form of a secret: the number of the algorithm, then the SHA-256.
// A fast hash is enough, because a secret has at least 120 random bits (OWASP ASVS
// 6.5.2 asks for 112) and cannot be guessed.
type Digest [1 + sha256.Size]byte

const (
	digestSHA256 = 1
	secretRoom   = 64 // bytes; a secret of this length is hashed without an allocation
)

func digest(secret string) Digest {
	var d Digest
	d[0] = digestSHA256
	var room [secretRoom]byte
	sum := sha256.Sum256(append(room[:0], secret...))
	copy(d[1:], sum[:])
	return d
}

// Kind says whether a secret is that of a token or of a session.
type Kind int

// The kinds of secrets.
const (
	KindNone Kind = iota
	KindToken
	KindSession
	// KindBare is a secret in Mattermost's form, without a prefix: that of a token or of
	// a session. Only the store knows which. No credential has this kind.
	KindBare
)

const (
	base62         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	secretRandom   = 30 // 62^30: 178 bits
	secretChecksum = 6
	hintLength     = 4
	sessionPrefix  = "jts"
	// DefaultTokenPrefix begins the secrets of tokens, before an underscore.
	DefaultTokenPrefix = "jtn"
)

// SecretFormat makes and reads secrets. The zero value makes secrets that begin with jtn_.
type SecretFormat struct {
	Prefix  string   // of new tokens; empty: DefaultTokenPrefix
	Earlier []string // prefixes of earlier tokens, which are still valid
	Bare    bool     // make secrets, of sessions too, in Mattermost's form: 26 characters, no prefix
}

func (f SecretFormat) prefix() string {
	if f.Prefix == "" {
		return DefaultTokenPrefix
	}
	return f.Prefix
}

// ValidPrefix reports whether p is well-formed as a prefix of tokens, and not that of
// sessions.
func ValidPrefix(p string) bool {
	return len(p) >= 2 && len(p) <= 16 && p != sessionPrefix &&
		strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// NewToken makes the secret of a token, its digest, and its hint, which can be shown
// later. A secret without a prefix has no hint.
func (f SecretFormat) NewToken(random io.Reader) (s Secret, d Digest, hint string) {
	if f.Bare {
		s, d = bare(random)
		return s, d, ""
	}
	text := checksummed(f.prefix(), random)
	return Secret{text}, digest(text), text[len(text)-hintLength:]
}

// NewSession makes the secret of a session, and its digest.
func (f SecretFormat) NewSession(random io.Reader) (Secret, Digest) {
	if f.Bare {
		return bare(random)
	}
	text := checksummed(sessionPrefix, random)
	return Secret{text}, digest(text)
}

// bare makes a secret in Mattermost's form, with 130 random bits, and its digest.
func bare(random io.Reader) (Secret, Digest) {
	var b [idLength]byte
	randomText(b[:], idAlphabet, random)
	text := string(b[:])
	return Secret{text}, digest(text)
}

// Parse reads a string that a client presents as a secret. KindNone: it is malformed,
// and no look-up is needed. Secrets of all forms are read, whatever the form of new ones.
func (f SecretFormat) Parse(s string) (Digest, Kind) {
	if len(s) == idLength && !strings.Contains(s, "_") {
		if ValidID(s) {
			return digest(s), KindBare
		}
		return Digest{}, KindNone
	}
	prefix, body, ok := strings.Cut(s, "_")
	if !ok || len(body) != secretRandom+secretChecksum {
		return Digest{}, KindNone
	}
	kind := KindNone
	switch {
	case prefix == sessionPrefix:
		kind = KindSession
	case prefix == f.prefix() || prefix == DefaultTokenPrefix:
		kind = KindToken
	default:
		for _, p := range f.Earlier {
			if p == prefix {
				kind = KindToken
			}
		}
	}
	end := len(s) - secretChecksum
	if kind == KindNone || checksum(s[:end]) != [secretChecksum]byte([]byte(s[end:])) {
		return Digest{}, KindNone
	}
	return digest(s), kind
}

// CSRF returns the value that the header X-CSRF-Token must have when the secret is sent
// in a cookie. It is derived from the secret, so it is not stored.
func CSRF(secret string) string {
	sum := sha256.Sum256([]byte("jeton csrf\x00" + secret))
	var b [idLength]byte
	for i := range b {
		b[i] = idAlphabet[sum[i]&31]
	}
	return string(b[:])
}

// ValidCSRF reports whether given is the CSRF value of the secret, in constant time.
func ValidCSRF(secret, given string) bool {
	return subtle.ConstantTimeCompare([]byte(CSRF(secret)), []byte(given)) == 1
}

func checksummed(prefix string, random io.Reader) string {
	b := make([]byte, 0, len(prefix)+1+secretRandom+secretChecksum)
	b = append(b, prefix...)
	b = append(b, '_')
	body := b[len(b) : len(b)+secretRandom]
	randomText(body, base62, random)
	b = b[:len(b)+secretRandom]
	sum := checksum(string(b))
	return string(append(b, sum[:]...))
}

// checksum returns the CRC-32 (IEEE) of s in base62. It does not use crc32.ChecksumIEEE,
// whose argument would be allocated on the heap.
func checksum(s string) (out [secretChecksum]byte) {
	n := ^uint32(0)
	for i := range len(s) {
		n = crc32.IEEETable[byte(n)^s[i]] ^ n>>8
	}
	n = ^n
	for i := secretChecksum - 1; i >= 0; i-- {
		out[i] = base62[n%62]
		n /= 62
	}
	return out
}

// randomText fills b with random characters of an alphabet of at most 64, all equally
// likely: it drops the random values that are beyond the alphabet.
func randomText(b []byte, alphabet string, random io.Reader) {
	var pool [64]byte
	at := len(pool)
	for i := 0; i < len(b); {
		if at == len(pool) {
			_, _ = io.ReadFull(random, pool[:]) // crypto/rand never fails
			at = 0
		}
		if n := int(pool[at] & 63); n < len(alphabet) {
			b[i] = alphabet[n]
			i++
		}
		at++
	}
}
