package jeton

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"
)

// Settings are the settings that the rules depend on.
type Settings struct {
	TokensEnabled     bool          // false: only tokens of bots can be created and used
	MaxTokensPerOwner int           // the most tokens of one owner
	OpenSignup        bool          // a caller without a credential can create an account
	UserDeletion      bool          // users can be deleted permanently
	SessionLength     time.Duration // of a log-in
	SessionIdle       time.Duration // a session ends that is not used for so long; 0: it does not
	Secrets           SecretFormat
}

// DefaultSettings returns the settings of a server that is started without any.
func DefaultSettings() Settings {
	return Settings{TokensEnabled: true, MaxTokensPerOwner: 1000, SessionLength: 30 * 24 * time.Hour}
}

// Service holds the use cases, and with them every rule. Its methods are safe for
// concurrent use, and their errors are of type *Error.
//
// A use case that changes something returns a Receipt: the position of its event in
// the journal. When it found nothing to do, the receipt is the position at which that
// was true. With an error the receipt is zero.
type Service struct {
	store     Store
	directory Directory
	passwords Passwords
	clock     Clock
	random    io.Reader
	settings  Settings
	limits    Limits
	networks  networks
	reads     Reads
	refusals  *refusals
}

// Options are the parts of a service. Store, Directory, Passwords and Limits are
// required.
type Options struct {
	Store     Store
	Directory Directory
	Passwords Passwords
	Limits    Limits    // of log-ins, and of refusals in the journal
	Reads     Reads     // of lists and searches; default: no bound, for programs without clients
	Clock     Clock     // default: time.Now
	Random    io.Reader // default: crypto/rand
	Settings  Settings
}

// NewService returns a service. It panics without limits: a service that forgot them
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
	if o.Reads == nil {
		o.Reads = noBound{}
	}
	note := func(events ...Event) int { return o.Store.Note(events...) }
	return &Service{
		store: o.Store, directory: o.Directory, passwords: o.Passwords, clock: o.Clock, random: o.Random,
		settings: o.Settings, limits: o.Limits, reads: o.Reads, refusals: newRefusals(note, o.Limits, o.Clock),
	}
}

func (s *Service) now() int64 { return s.clock().UnixMilli() }

// Settings returns the settings of the service.
func (s *Service) Settings() Settings { return s.settings }

// Run writes the counts of refusals to the journal as their minutes end, until ctx
// ends; then it writes the rest. It also reads which networks users log in from. Wait for
// it before you close the store. What RefusalStats then counts as pending the store did not
// accept in time.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second) // the store accepts a part of a large number of lines at once
	defer tick.Stop()
	fresh := time.NewTicker(networksEvery)
	defer fresh.Stop()
	since := s.readNetworks(ctx, s.clock().Add(-KnownFor).UnixMilli())
	for {
		select {
		case <-ctx.Done():
			s.refusals.end(refusalsEnd)
			return
		case <-tick.C:
			s.refusals.flush(false)
		case <-fresh.C:
			since = s.readNetworks(ctx, since)
		}
	}
}

// RefusalStats returns the counts of refusals.
func (s *Service) RefusalStats() RefusalStats { return s.refusals.read() }

// permit asks the access table about an action without a target, permitOn about an
// action on a target. Both count refusals.
func (s *Service) permit(a Actor, action Action) error {
	return s.counted(a, action, a.permit(action))
}

func (s *Service) permitOn(a Actor, action Action, target Owner) error {
	return s.counted(a, action, a.permitOn(action, target))
}

// counted returns err, and counts it if it is a refusal.
func (s *Service) counted(a Actor, action Action, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && isRefusal(err) {
		s.refusals.count(a, action, e.target, e.owner)
	}
	return err
}

// owner returns what the access table needs to know of a user, from memory where
// possible. A user that does not exist is a person without roles.
func (s *Service) owner(ctx context.Context, a Actor, id string, failed Code) (Owner, error) {
	if id == a.ID {
		return a.Owner, nil
	}
	u, err := s.directory.User(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Owner{ID: id}, nil
	}
	return u.Owner(), storeError(err, "", failed)
}
