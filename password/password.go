// Package password hashes passwords of users, and compares passwords with hashes made
// here or elsewhere. It owns the cost of a hash, the form in which it is stored, and
// the bound on how many are computed at once. It must know nothing of users, stores or
// the wire. The secrets of tokens never come here: they are random, so a fast digest
// is enough for them.
package password

import (
	"context"
	"crypto/rand"
	"io"
	"runtime"
	"time"

	"jeton"
)

// Params are the cost of a new hash and the bounds of the work. Zero fields have
// defaults: OWASP's first choice for argon2id, all cores but one, and a wait of one
// second.
type Params struct {
	Memory  uint32        // KiB; 19,456 (19 MiB)
	Time    uint32        // passes over the memory; 2
	Threads uint8         // lanes; 1
	Slots   int           // hashes computed at once; GOMAXPROCS less one, at least 1
	Wait    time.Duration // for a slot, before CodeBusy; 1 s
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
	decoy  argon2id // compared with where there is no readable hash
}

var _ jeton.Passwords = (*Hasher)(nil)

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

// Cheap returns a hasher for tests: the same form of hash at almost no cost, and so
// many slots that nothing waits. Its hashes protect no password.
func Cheap() *Hasher { return New(Params{Memory: 8, Time: 1, Slots: 64}) }

// Hash returns the password's hash as a PHC string with a new salt. It fails with
// CodeBusy if no slot comes free in time, and with ctx's error if ctx ends first.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(h.params.Random, salt); err != nil {
		return "", err
	}
	if err := h.slots.enter(ctx); err != nil {
		return "", err
	}
	defer h.slots.leave()
	a := argon2id{memory: h.params.Memory, time: h.params.Time, threads: h.params.Threads, salt: salt}
	a.key = a.derive(password, keyLength)
	return a.String(), nil
}

// Compare reports whether the password is the hash's; it fails as Hash does. For a
// hash that is empty or cannot be read it answers no, after as much work as a hash of
// our own takes, so that the time does not tell which users exist.
func (h *Hasher) Compare(ctx context.Context, hash, password string) (bool, error) {
	stored, ok := parse(hash)
	if err := h.slots.enter(ctx); err != nil {
		return false, err
	}
	defer h.slots.leave()
	if !ok {
		h.decoy.matches(password)
		return false, nil
	}
	return stored.matches(password), nil
}

// Readable reports whether Compare can read a hash made elsewhere: argon2id, bcrypt, or
// PBKDF2 as Mattermost writes it, at a cost within the bounds of this package.
func (h *Hasher) Readable(hash string) bool {
	_, ok := parse(hash)
	return ok
}
