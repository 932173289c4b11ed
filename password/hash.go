package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Bounds on the cost of a hash that can be compared with. Hashes are imported from other
// programs. Without bounds, one hash could use all memory, or a core for hours. What may be
// stored today has narrower bounds: see cost.go.
const (
	maxHashLength   = 512        // bytes of the string
	maxMemory       = 128 * 1024 // KiB
	maxTime         = 10
	maxThreads      = 16
	maxBcryptCost   = 14 // about a second
	minPBKDF2Rounds = 1000
	maxPBKDF2Rounds = 2_000_000
	minSalt         = 4 // bytes, as minKey and maxLength
	minKey          = 16
	maxLength       = 64 // of the salt and of the key
)

// stored is a parsed hash.
type stored interface {
	// matches reports in constant time whether the password has this hash.
	matches(password string) bool
	// acceptable reports whether the cost is near that of this package's hashes.
	acceptable() bool
}

// parse reads a hash of any known kind. It returns false for any other text, and for a
// hash whose cost is beyond the bounds.
func parse(s string) (stored, bool) {
	if len(s) > maxHashLength {
		return nil, false
	}
	fields := strings.Split(s, "$")
	if len(fields) < 2 || fields[0] != "" {
		return nil, false
	}
	switch fields[1] {
	case "argon2id":
		return parseArgon2id(fields[2:])
	case "pbkdf2":
		return parsePBKDF2(fields[2:])
	case "2a", "2b", "2y":
		cost, err := bcrypt.Cost([]byte(s))
		return bcryptHash(s), err == nil && cost <= maxBcryptCost && len(s) == 60
	}
	return nil, false
}

// argon2id is the kind of hash that Hash makes.
type argon2id struct {
	memory, time uint32 // KiB, passes
	threads      uint8
	salt, key    []byte
}

// parseArgon2id reads v=19, m=..,t=..,p=.., salt, key.
func parseArgon2id(f []string) (stored, bool) {
	if len(f) != 4 || f[0] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, false
	}
	n, ok := numbers(f[1], "m", "t", "p")
	if !ok || n[1] < 1 || n[1] > maxTime || n[2] < 1 || n[2] > maxThreads || n[0] < 8*n[2] || n[0] > maxMemory {
		return nil, false
	}
	salt, okSalt := decode(f[2], minSalt)
	key, okKey := decode(f[3], minKey)
	return argon2id{memory: n[0], time: n[1], threads: uint8(n[2]), salt: salt, key: key}, okSalt && okKey
}

func (a argon2id) derive(password string, length uint32) []byte {
	return argon2.IDKey([]byte(password), a.salt, a.time, a.memory, a.threads, length)
}

func (a argon2id) matches(password string) bool {
	return subtle.ConstantTimeCompare(a.derive(password, uint32(len(a.key))), a.key) == 1
}

// String returns the PHC string, the form that is stored.
func (a argon2id) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, a.memory, a.time, a.threads, b64(a.salt), b64(a.key))
}

// bcryptHash is the kind of hash that Mattermost made before version 11. As there, only
// the first 72 bytes of a password count.
type bcryptHash string

func (b bcryptHash) matches(password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(b), []byte(password)) == nil
}

// pbkdf2Hash is the kind of hash that Mattermost makes from version 11 on.
type pbkdf2Hash struct {
	function  func() hash.Hash
	rounds    int
	salt, key []byte
}

// parsePBKDF2 reads f=SHA256,w=..,l=.., salt, key.
func parsePBKDF2(f []string) (stored, bool) {
	if len(f) != 3 {
		return nil, false
	}
	name, rest, _ := strings.Cut(f[0], ",")
	h := pbkdf2Hash{}
	switch name {
	case "f=SHA256":
		h.function = sha256.New
	case "f=SHA512":
		h.function = sha512.New
	default:
		return nil, false
	}
	n, ok := numbers(rest, "w", "l")
	if !ok || n[0] < minPBKDF2Rounds || n[0] > maxPBKDF2Rounds {
		return nil, false
	}
	var okSalt, okKey bool
	h.rounds = int(n[0])
	h.salt, okSalt = decode(f[1], minSalt)
	h.key, okKey = decode(f[2], minKey)
	return h, okSalt && okKey && len(h.key) == int(n[1])
}

func (p pbkdf2Hash) matches(password string) bool {
	key, err := pbkdf2.Key(p.function, password, p.salt, p.rounds, len(p.key))
	return err == nil && subtle.ConstantTimeCompare(key, p.key) == 1
}

// numbers reads a text such as "a=1,b=2" with exactly the given names, in their order.
func numbers(s string, names ...string) ([]uint32, bool) {
	parts := strings.Split(s, ",")
	if len(parts) != len(names) {
		return nil, false
	}
	out := make([]uint32, len(names))
	for i, name := range names {
		digits, ok := strings.CutPrefix(parts[i], name+"=")
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil {
			return nil, false
		}
		out[i] = uint32(n)
	}
	return out, true
}

// decode reads base64 of either alphabet, padded or not, because programs differ in
// that. The result must have from shortest to maxLength bytes.
func decode(s string, shortest int) ([]byte, bool) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	return b, err == nil && len(b) >= shortest && len(b) <= maxLength
}
