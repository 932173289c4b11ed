// Package password hashes the passwords of users, and compares passwords with hashes made
// by this package or by other programs. It owns the cost of a hash, its stored form, and
// the number of hashes computed at once. It must not know users, stores or the API. It does
// not hash the secrets of tokens: they are random, so a fast digest is enough.
package password

import (
	"context"
	"crypto/rand"
	"io"
	"runtime"
	"time"

	"jeton"
)

// Params are the cost of a new hash and the bounds of concurrent work. Zero fields get the
// defaults given below. The cost is OWASP's first choice for argon2id.
type Params struct {
	Memory  uint32        // KiB; 19,456 (19 MiB)
	Time    uint32        // passes over the memory; 2
	Threads uint8         // lanes; 1
	Slots   int           // hashes computed at once; GOMAXPROCS less one, at least 1
	Wait    time.Duration // for a slot; then CodeBusy; 1 s
	Wrong   time.Duration // how long a wrong password takes at least; 0: as long as the work
	Random  io.Reader     // of salts; crypto/rand
}

const (
	saltLength = 16 // bytes
	keyLength  = 32 // bytes
)

func (p Params) withDefaults() Params {
	if p.Memory == 0 {
		p.Memory = 19 * 1024
	}
	if p.Time == 0 {
		p.Time = 2
	}
	if p.Threads == 0 {
		p.Threads = 1
	}
	if p.Slots <= 0 {
		p.Slots = max(1, runtime.GOMAXPROCS(0)-1)
	}
	if p.Wait <= 0 {
		p.Wait = time.Second
	}
	if p.Random == nil {
		p.Random = rand.Reader
	}
	return p
}

// Hasher implements jeton.Passwords.
type Hasher struct {
	params Params
	slots  *gate
	decoy  argon2id // what Compare uses if there is no readable hash
}

var _ jeton.Passwords = (*Hasher)(nil)

// DefaultWrong is Params.Wrong of a server: twice as long as the dearest hash that Acceptable
// lets in takes (see cost.go), so that the time of an answer does not reveal whose hash was
// compared. It is waited for without a slot.
const DefaultWrong = 250 * time.Millisecond

// New returns a hasher of the given cost.
func New(p Params) *Hasher {
	p = p.withDefaults()
	return &Hasher{
		params: p,
		slots:  newGate(p.Slots, p.Wait),
		decoy: argon2id{
			memory: p.Memory, time: p.Time, threads: p.Threads,
			salt: make([]byte, saltLength), key: make([]byte, keyLength),
		},
	}
}

// Cheap returns a hasher for tests only: the same form of hash at almost no cost, and
// enough slots that no call waits. Its hashes protect no password.
func Cheap() *Hasher { return New(Params{Memory: 8, Time: 1, Slots: 64}) }

// Hash returns the password's hash as a PHC string with a new salt. It fails with
// CodeBusy if no slot comes free in time, and with ctx's error if ctx ends first.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(h.params.Random, salt); err != nil {
		return "", err
	}
	_, leave, err := h.slots.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	a := argon2id{memory: h.params.Memory, time: h.params.Time, threads: h.params.Threads, salt: salt}
	a.key = a.derive(password, keyLength)
	return a.String(), nil
}

// Compare compares a password with a hash. Its errors are those of Hash. A hash that is empty
// or unreadable is not right, after the same work as for a hash of this package, so that the
// time does not reveal which users exist.
func (h *Hasher) Compare(ctx context.Context, hash, password string) (jeton.Comparison, error) {
	stored, ok := parse(hash)
	began, leave, err := h.slots.enter(ctx)
	if err != nil {
		return jeton.Comparison{}, err
	}
	defer leave()
	if !ok {
		h.decoy.matches(password)
		return jeton.Comparison{Began: began}, nil
	}
	return jeton.Comparison{Right: stored.matches(password), Stale: !h.makes(stored), Began: began}, nil
}

// makes reports whether a hash is of the kind and cost that Hash makes.
func (h *Hasher) makes(s stored) bool {
	a, ok := s.(argon2id)
	return ok && a.memory == h.params.Memory && a.time == h.params.Time && a.threads == h.params.Threads &&
		len(a.salt) >= saltLength && len(a.key) >= keyLength
}

// Acceptable reports whether Compare can read a hash (argon2id, bcrypt, or PBKDF2 in
// Mattermost's form) and its cost is near that of this package's: see cost.go.
func (h *Hasher) Acceptable(hash string) bool {
	stored, ok := parse(hash)
	return ok && stored.acceptable()
}

// WrongTakes returns Params.Wrong.
func (h *Hasher) WrongTakes() time.Duration { return h.params.Wrong }
