// Package password hashes the passwords of people and compares with hashes made
// here or elsewhere. It owns the cost of that, the form of a stored hash and the
// bound on how many are worked on at once; it must know nothing of users, stores
// or the wire. The secrets of tokens never come here: they are random, so a fast
// digest is enough for them.
package password

import (
	"context"
	"crypto/rand"
	"io"
	"runtime"
	"time"

	"jeton"
)

// Params are the cost of a new hash and the bounds of the work. Zero fields take
// the defaults: OWASP's first choice for argon2id, one core left to everybody
// else, and a wait of a second.
type Params struct {
	Memory  uint32        // KiB; 19,456 (19 MiB)
	Time    uint32        // passes over the memory; 2
	Threads uint8         // lanes; 1
	Slots   int           // hashes worked on at once; GOMAXPROCS less one, at least 1
	Wait    time.Duration // for a slot before answering busy; 1 s
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
	decoy  argon2id // what a password is compared with when there is nothing to compare with
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

// Cheap returns a hasher for tests: the same form at next to no cost, and with
// slots enough that nothing waits. Its hashes protect nobody.
func Cheap() *Hasher { return New(Params{Memory: 8, Time: 1, Slots: 64}) }

// Hash returns the password's hash as a PHC string, with a salt of its own. It
// fails with CodeBusy when no slot came free in time, and with the context's
// error when that ended first.
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

// Compare reports whether the password is the hash's; it fails as Hash does. A
// hash that is empty or cannot be read is answered no after as much work as one
// of our own takes, so that the time tells nobody which users exist.
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

// Readable reports whether a hash made elsewhere can be compared with: argon2id,
// bcrypt or PBKDF2 as Mattermost writes it, of a cost that is bearable here.
func (h *Hasher) Readable(hash string) bool {
	_, ok := parse(hash)
	return ok
}
