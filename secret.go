package jeton

import (
	"crypto/sha256"
	"crypto/subtle"
	"hash/crc32"
	"io"
	"log/slog"
	"strings"
)

// Secret is the string that a client presents. It prints as a mask wherever it
// is printed; only Reveal, called where the answer to its maker is written,
// gives it away.
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

// Reveal returns the secret itself, to be shown once to whoever made it.
func (s Secret) Reveal() string { return s.text }

// Digest is what is stored of a secret: the number of the algorithm, then the
// SHA-256. A fast hash is right here: a secret has 120 random bits at least
// (OWASP ASVS 6.5.2 asks for 112), so there is nothing to guess.
type Digest [1 + sha256.Size]byte

const (
	digestSHA256 = 1
	secretRoom   = 64 // bytes, in which any secret of ours is hashed without an allocation
)

func digest(secret string) Digest {
	var d Digest
	d[0] = digestSHA256
	var room [secretRoom]byte
	sum := sha256.Sum256(append(room[:0], secret...))
	copy(d[1:], sum[:])
	return d
}

// Kind tells what a secret opens.
type Kind int

// The kinds of secrets.
const (
	KindNone Kind = iota
	KindToken
	KindSession
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

// SecretFormat makes and reads secrets. The zero value gives jtn_ secrets.
type SecretFormat struct {
	Prefix  string   // of new tokens; empty: DefaultTokenPrefix
	Earlier []string // prefixes that stay valid
	Bare    bool     // new tokens as Mattermost makes them: 26 characters, no prefix
}

func (f SecretFormat) prefix() string {
	if f.Prefix == "" {
		return DefaultTokenPrefix
	}
	return f.Prefix
}

// ValidPrefix reports whether a token prefix is well formed and not the sessions'.
func ValidPrefix(p string) bool {
	return len(p) >= 2 && len(p) <= 16 && p != sessionPrefix &&
		strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// NewToken makes the secret of a token, and its hint: what may be shown of it later.
func (f SecretFormat) NewToken(random io.Reader) (s Secret, d Digest, hint string) {
	if f.Bare {
		var b [idLength]byte
		randomText(b[:], idAlphabet, random)
		text := string(b[:])
		return Secret{text}, digest(text), ""
	}
	text := checksummed(f.prefix(), random)
	return Secret{text}, digest(text), text[len(text)-hintLength:]
}

// NewSession makes the secret of a session.
func (f SecretFormat) NewSession(random io.Reader) (Secret, Digest) {
	text := checksummed(sessionPrefix, random)
	return Secret{text}, digest(text)
}

// Parse reads what a client presented. KindNone: it cannot be a secret of ours,
// and nothing needs to be looked up to say so.
func (f SecretFormat) Parse(s string) (Digest, Kind) {
	if len(s) == idLength && !strings.Contains(s, "_") {
		if ValidID(s) {
			return digest(s), KindToken
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

// CSRF returns what the header X-CSRF-Token must hold for a secret that came in
// a cookie. It follows from the secret, so nothing more needs to be kept.
func CSRF(secret string) string {
	sum := sha256.Sum256([]byte("jeton csrf\x00" + secret))
	var b [idLength]byte
	for i := range b {
		b[i] = idAlphabet[sum[i]&31]
	}
	return string(b[:])
}

// ValidCSRF compares in constant time.
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

// checksum is the CRC-32 (IEEE) of what comes before it, in base62. It is computed
// by hand: the library's wants a slice, which it lets escape.
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

// randomText fills b with characters drawn evenly from an alphabet of at most 64,
// by refusing the draws that would make some likelier than others.
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
