package authn

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"jeton"
)

// Store is what the cache reads.
type Store interface {
	Credential(ctx context.Context, d jeton.Digest, kind jeton.Kind) (jeton.Credential, error)
	User(ctx context.Context, id string) (jeton.User, error)
	Roles(ctx context.Context) ([]jeton.Role, error)
	Head(ctx context.Context) (jeton.Head, error)
	EventsAfter(ctx context.Context, position, limit int64) ([]jeton.Event, jeton.Head, error)
}

// Defaults of Options.
const (
	DefaultLease   = time.Second
	DefaultSize    = 16 << 20
	DefaultTimeout = 150 * time.Millisecond
)

// Options is what a cache is made of. Store is needed; the rest has defaults.
type Options struct {
	Store    Store
	Settings jeton.Settings
	Clock    jeton.Clock   // time.Now
	Lease    time.Duration // DefaultLease
	Size     int64         // about how many bytes credentials and users take; DefaultSize
	Timeout  time.Duration // how long Verify waits for the database; DefaultTimeout
	Log      *slog.Logger  // discards
	// Render makes what a front wants to have at hand of a good credential, and says
	// how many bytes that takes, about. It is made anew when the roles change.
	Render func(jeton.Actor) (rendered any, weight int)
	// Count has look-ups counted for Stats.
	Count bool
	// Applied hears of each event of interest to a cache when it was applied: whether
	// it was made here, and how long ago. It must not block. Nil: nobody.
	Applied func(here bool, after time.Duration)
}

// Cache answers who a secret belongs to. It is the service's Directory. Its
// methods are safe for concurrent use.
type Cache struct {
	store       Store
	settings    jeton.Settings
	clock       jeton.Clock
	log         *slog.Logger
	credentials *otter.Cache[jeton.Digest, *credentialEntry]
	users       *otter.Cache[string, *userEntry]
	roles       atomic.Pointer[rolesEntry]
	rolesFill   chan struct{} // holds one: whoever has it reads the roles
	marks       *marks
	lease       lease
	follower    follower
	timeout     time.Duration
	renderer    func(jeton.Actor) (any, int)
	looks       chan struct{} // holds one for each look-up of Verify that is under way
	counts      *counts       // nil: nothing is counted
	observer    func(here bool, after time.Duration)
}

// credentialEntry is never changed once it is remembered.
type credentialEntry struct {
	credential jeton.Credential
	asOf       uint64
	rendered   any    // what Options.Render made
	weight     int    // of that
	roles      uint64 // the reading of the roles that it was made by; 0: none yet
}

// userEntry is never changed once it is remembered.
type userEntry struct {
	user jeton.User // without the password hash
	asOf uint64
}

type rolesEntry struct {
	table  *jeton.RoleTable
	number uint64 // of this reading, from 1 on: what was made of it says so, and does not keep it alive
	asOf   uint64
	began  time.Time // when the read was sent
}

var _ jeton.Directory = (*Cache)(nil)

// New makes a cache. It asks the database every time until Run has read the
// journal for the first time.
func New(o Options) *Cache {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Lease <= 0 {
		o.Lease = DefaultLease
	}
	if o.Size <= 0 {
		o.Size = DefaultSize
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Cache{
		store: o.Store, settings: o.Settings, clock: o.Clock, log: o.Log,
		credentials: otter.Must(&otter.Options[jeton.Digest, *credentialEntry]{
			MaximumWeight: uint64(o.Size) / 4 * 3, Weigher: weighCredential,
		}),
		users:     otter.Must(&otter.Options[string, *userEntry]{MaximumWeight: uint64(o.Size) / 4, Weigher: weighUser}),
		marks:     newMarks(),
		lease:     lease{length: o.Lease},
		follower:  follower{own: map[int64]bool{}, news: make(chan struct{}), wake: make(chan struct{}, 1)},
		rolesFill: make(chan struct{}, 1),
		timeout:   o.Timeout, renderer: o.Render, looks: make(chan struct{}, looksAtOnce),
		counts: newCounts(o.Count), observer: o.Applied,
	}
}

// entryWeight is about what an entry takes beside its lists, in bytes: the cache's
// node, the record and its short texts. It errs on the large side.
const entryWeight = 460

func weighCredential(_ jeton.Digest, e *credentialEntry) uint32 {
	return uint32(entryWeight + textWeight(e.credential.Scopes) + textWeight(e.credential.Owner.Roles) + e.weight)
}

// userEntryWeight is entryWeight for a user, whose texts are counted by themselves.
const userEntryWeight = 560

func weighUser(_ string, e *userEntry) uint32 {
	u := &e.user
	texts := len(u.Username) + len(u.Email) + len(u.FirstName) + len(u.LastName) + len(u.Nickname) + len(u.Position) +
		len(u.Locale) + len(u.BotDescription)
	return uint32(userEntryWeight + texts + textWeight(u.Roles))
}

func textWeight(list []string) (n int) {
	for _, s := range list {
		n += len(s) + 16
	}
	return n
}

// Actor returns who acts with a secret. It fails with CodeUnauthenticated for
// whatever does not open anything now, and with CodeAuthFailed where that cannot
// be known.
func (c *Cache) Actor(ctx context.Context, secret string) (jeton.Actor, error) {
	d, kind := c.settings.Secrets.Parse(secret)
	if kind == jeton.KindNone {
		return jeton.Actor{}, errUnauthenticated
	}
	now := c.clock()
	credential, err := c.credential(ctx, d, kind, now)
	if err != nil {
		return jeton.Actor{}, err
	}
	if !credential.Usable(now.UnixMilli(), c.settings.TokensEnabled) {
		return jeton.Actor{}, errUnauthenticated
	}
	roles, err := c.roleTable(ctx, now)
	if err != nil {
		return jeton.Actor{}, unknown(err)
	}
	return credential.Actor(roles.table), nil
}

var errUnauthenticated = &jeton.Error{Code: jeton.CodeUnauthenticated}

func unknown(err error) error {
	return &jeton.Error{Code: jeton.CodeAuthFailed, RetryAfter: time.Second, Err: err}
}

func (c *Cache) credential(ctx context.Context, d jeton.Digest, kind jeton.Kind, now time.Time) (*jeton.Credential, error) {
	if e := c.remembered(d, now); e != nil {
		return &e.credential, nil
	}
	e, err := c.fill(ctx, d, kind)
	if err != nil {
		return nil, err
	}
	return &e.credential, nil
}

// remembered returns what counts at now of a digest; nil: ask the database.
func (c *Cache) remembered(d jeton.Digest, now time.Time) *credentialEntry {
	if c.lease.holds(now) {
		if e, ok := c.credentials.GetIfPresent(d); ok && c.marks.clear(e.credential.Owner.ID, e.asOf) {
			c.counts.look(true)
			return e
		}
	}
	c.counts.look(false)
	return nil
}

// fill asks the database about a digest.
func (c *Cache) fill(ctx context.Context, d jeton.Digest, kind jeton.Kind) (*credentialEntry, error) {
	asOf := c.marks.applied()
	read, err := c.store.Credential(ctx, d, kind)
	switch {
	case errors.Is(err, jeton.ErrRetired):
		return nil, errUnauthenticated
	case errors.Is(err, jeton.ErrNotFound):
		return nil, errNeverWas // not remembered: a stranger's guesses take no room
	case err != nil:
		return nil, unknown(err)
	}
	e := &credentialEntry{credential: read, asOf: asOf}
	c.credentials.Set(d, e)
	return e, nil
}

// User returns a user without the password hash, from memory while the lease holds. It
// fails with jeton.ErrNotFound or the store's error. All callers share the list of
// roles: it must not be changed.
func (c *Cache) User(ctx context.Context, id string) (jeton.User, error) {
	if c.lease.holds(c.clock()) {
		if e, ok := c.users.GetIfPresent(id); ok && c.marks.clear(id, e.asOf) {
			return e.user, nil
		}
	}
	asOf := c.marks.applied()
	u, err := c.store.User(ctx, id)
	if err != nil {
		return jeton.User{}, err
	}
	u.PasswordHash = ""
	c.users.Set(id, &userEntry{user: u, asOf: asOf})
	return u, nil
}

// RoleTable returns all roles, from memory where it can.
func (c *Cache) RoleTable(ctx context.Context) (*jeton.RoleTable, error) {
	e, err := c.roleTable(ctx, c.clock())
	if err != nil {
		return nil, err
	}
	return e.table, nil
}

// rememberedRoles returns what counts at now of the roles; nil: ask the database.
func (c *Cache) rememberedRoles(now time.Time) *rolesEntry {
	if e := c.roles.Load(); e != nil && c.lease.holds(now) && c.marks.clear(rolesMark, e.asOf) {
		return e
	}
	return nil
}

// roleTable reads the roles for all who wait at once: whoever waited takes what
// was read, if that read began after he came.
func (c *Cache) roleTable(ctx context.Context, now time.Time) (*rolesEntry, error) {
	if e := c.rememberedRoles(now); e != nil {
		return e, nil
	}
	came := c.clock()
	select {
	case c.rolesFill <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.rolesFill }()
	last := c.roles.Load()
	if last != nil && last.began.After(came) && c.marks.clear(rolesMark, last.asOf) {
		return last, nil
	}
	e := &rolesEntry{number: 1, asOf: c.marks.applied(), began: c.clock()}
	if last != nil {
		e.number = last.number + 1
	}
	roles, err := c.store.Roles(ctx)
	if err != nil {
		return nil, err
	}
	e.table = jeton.NewRoleTable(roles)
	c.roles.Store(e)
	return e, nil
}
