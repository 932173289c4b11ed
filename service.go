package jeton

import (
	"crypto/rand"
	"io"
	"time"
)

// Settings are the choices that rules depend on.
type Settings struct {
	TokensEnabled     bool          // false: only bots' tokens can be made and used
	MaxTokensPerOwner int           // tokens one owner may hold
	OpenSignup        bool          // anybody may make an account
	UserDeletion      bool          // DELETE /users/{id}?permanent=true is allowed
	SessionLength     time.Duration // how long a log-in lasts
	Secrets           SecretFormat
}

// DefaultSettings returns the settings of a server that was told nothing.
func DefaultSettings() Settings {
	return Settings{TokensEnabled: true, MaxTokensPerOwner: 1000, SessionLength: 30 * 24 * time.Hour}
}

// Service is the use cases: the one place where rules live. Its methods are
// safe for concurrent use, and fail with an *Error.
type Service struct {
	store     Store
	directory Directory
	passwords Passwords
	clock     Clock
	random    io.Reader
	settings  Settings
	guard     *loginGuard
	refusals  *refusals
}

// Options is what a service is made of. Store, Directory, Passwords and
// Limits are needed; the rest has defaults.
type Options struct {
	Store     Store
	Directory Directory
	Passwords Passwords
	Limits    Limits    // of log-ins and of refusals in the journal
	Clock     Clock     // time.Now
	Random    io.Reader // crypto/rand
	Settings  Settings
}

// NewService makes a service. It panics without limits: a service that forgot them
// would let anyone guess passwords without end.
func NewService(o Options) *Service {
	if o.Limits == nil {
		panic("jeton: Options.Limits is needed")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return &Service{
		store: o.Store, directory: o.Directory, passwords: o.Passwords, clock: o.Clock, random: o.Random,
		settings: o.Settings, guard: &loginGuard{o.Limits, o.Clock}, refusals: newRefusals(o.Store, o.Limits, o.Clock),
	}
}

func (s *Service) now() int64 { return s.clock().UnixMilli() }

// Settings returns what the service was told.
func (s *Service) Settings() Settings { return s.settings }
