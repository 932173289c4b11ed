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

// Store is the part of jeton.Store that the cache reads.
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

// Options configure a cache. Store is required; the comments name the defaults of the
// other fields.
type Options struct {
	Store    Store
	Settings jeton.Settings
	Clock    jeton.Clock   // time.Now
	Lease    time.Duration // DefaultLease
	Size     int64         // the most bytes that cached credentials and users take, approximately; DefaultSize
	Timeout  time.Duration // how long Verify waits for the database; DefaultTimeout
	Log      *slog.Logger  // the cache logs nothing
	// Render returns a value that the cache stores with a usable credential (View.Rendered),
	// and the approximate size of that value in bytes. The cache calls it again when the
	// roles have changed. Nil: nothing is rendered.
	Render func(jeton.Actor) (rendered any, weight int)
	// Count makes the cache count its look-ups for Stats.
	Count bool
	// Heard is called for each event of another node or a command-line tool, after the cache
	// applied it. It must not block. Nil: it is not called.
	Heard func(jeton.Event)
	// Applied is called for each event that invalidates cached entries, after the cache
	// applied it. here: this node made the change. after: the time from the event's
	// timestamp until now, at least 0. It must not block. Nil: it is not called.
	Applied func(here bool, after time.Duration)
	// Activity learns when sessions are used. Nil: uses are known to this cache alone.
	Activity *Activity
}

// Cache returns the actor of a secret. It implements jeton.Directory. Its methods are
// safe for concurrent use.
type Cache struct {
	store       Store
	settings    jeton.Settings
	clock       jeton.Clock
	log         *slog.Logger
	credentials *otter.Cache[jeton.Digest, *credentialEntry]
	users       *otter.Cache[string, *userEntry]
	roles       atomic.Pointer[rolesEntry]
	rolesFill   chan struct{} // a semaphore of one: its holder reads the roles from the database
	marks       *marks
	lease       lease
	follower    follower
	timeout     time.Duration
	renderer    func(jeton.Actor) (any, int)
	lookups     chan struct{} // a semaphore: one slot for each look-up of Verify in the database
	counts      *counts       // nil: look-ups are not counted
	observer    func(here bool, after time.Duration)
	activity    *Activity // nil: see Options
	step        int64     // jeton.ActivityStep, in milliseconds
	heard       func(jeton.Event)
}

// credentialEntry is immutable once it is in the cache.
type credentialEntry struct {
	credential jeton.Credential
	asOf       uint64    // the number of events applied when the read began
	rendered   any       // the value of Options.Render
	weight     int       // its size in bytes
	roles      uint64    // rolesEntry.number of the roles it was rendered with; 0: not rendered yet
	activity   *activity // of a session, and not immutable; nil: a token
}

// userEntry is immutable once it is in the cache.
type userEntry struct {
	user jeton.User // without the password hash
	asOf uint64     // as in credentialEntry
}

type rolesEntry struct {
	table  *jeton.RoleTable
	number uint64    // counts the reads of the roles, from 1 on; entries refer to a read by it, not by a pointer
	asOf   uint64    // as in credentialEntry
	began  time.Time // when the read was sent
}

var _ jeton.Directory = (*Cache)(nil)

// New returns an empty cache. Until Follow has read the journal for the first time,
// every look-up reads the database.
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
		follower:  follower{pending: map[int64]bool{}, changed: make(chan struct{}), poll: make(chan struct{}, 1)},
		rolesFill: make(chan struct{}, 1),
		timeout:   o.Timeout, renderer: o.Render, lookups: make(chan struct{}, maxLookups),
		counts: newCounts(o.Count), observer: o.Applied, heard: o.Heard,
		activity: o.Activity, step: jeton.ActivityStep(o.Settings.SessionIdle).Milliseconds(),
	}
}

// entryWeight is the approximate size in bytes of an entry without its lists: the cache's
// node, the record and its short texts. It is rather too large than too small.
const entryWeight = 460

func weighCredential(_ jeton.Digest, e *credentialEntry) uint32 {
	return uint32(entryWeight + textWeight(e.credential.Scopes) + textWeight(e.credential.Owner.Roles) + e.weight)
}

// userEntryWeight is entryWeight for a user. weighUser adds the lengths of the user's texts.
const userEntryWeight = 560

func weighUser(_ string, e *userEntry) uint32 {
	u := &e.user
	texts := len(u.Username) + len(u.Email) + len(u.FirstName) + len(u.LastName) + len(u.Nickname) + len(u.Position) +
		len(u.Locale) + len(u.BotDescription)
	for key, value := range u.Timezone {
		texts += len(key) + len(value) + 48 // of a map, for each entry
	}
	return uint32(userEntryWeight + texts + textWeight(u.Roles))
}

// textWeight returns the size in bytes of a list of strings: their headers and their texts.
func textWeight(list []string) (n int) {
	for _, s := range list {
		n += len(s) + 16
	}
	return n
}

// Actor returns the actor of a secret. It returns CodeUnauthenticated if no usable
// credential has that secret, with the cause ErrUnknown if there is no record of it, and
// CodeAuthFailed if the cache does not know and the database does not answer.
func (c *Cache) Actor(ctx context.Context, secret string) (jeton.Actor, error) {
	d, kind := c.settings.Secrets.Parse(secret)
	if kind == jeton.KindNone {
		return jeton.Actor{}, errUnknownSecret
	}
	e, roles, now, err := c.find(ctx, d, kind, lookupTimeout)
	if err != nil {
		return jeton.Actor{}, err
	}
	if !c.usable(d, e, now) {
		return jeton.Actor{}, errUnauthenticated
	}
	return e.credential.Actor(roles.table), nil
}

// usable reports whether a credential is good at now, and notes the use of a session.
func (c *Cache) usable(d jeton.Digest, e *credentialEntry, now time.Time) bool {
	if !e.credential.Usable(now.UnixMilli(), c.settings.TokensEnabled) || c.idle(e, now) {
		return false
	}
	c.use(d, e, now)
	return true
}

// find returns a credential and the roles, from the cache if both are valid there, and
// the time at which they are. Otherwise it reads the database and waits for that no
// longer than wait.
func (c *Cache) find(ctx context.Context, d jeton.Digest, kind jeton.Kind, wait time.Duration) (*credentialEntry, *rolesEntry, time.Time, error) {
	now := c.clock()
	e, roles := c.cached(d, now), c.cachedRoles(now)
	// A session that this node sees idle may have been used on another.
	if e != nil && roles != nil && !c.idle(e, now) {
		return e, roles, now, nil
	}
	e, roles, err := c.lookup(ctx, d, kind, wait)
	return e, roles, c.clock(), err // it may have expired while it was looked for
}

var errUnauthenticated = &jeton.Error{Code: jeton.CodeUnauthenticated}

// unavailable wraps the error of a read: it is not known whether the secret is good.
func unavailable(err error) error {
	return &jeton.Error{Code: jeton.CodeAuthFailed, RetryAfter: time.Second, Err: err}
}

// cached is held, counted as a look-up of the cache.
func (c *Cache) cached(d jeton.Digest, now time.Time) *credentialEntry {
	e := c.held(d, now)
	c.counts.add(e != nil)
	return e
}

// held returns the entry of a digest if it is valid at now; nil: read the database.
func (c *Cache) held(d jeton.Digest, now time.Time) *credentialEntry {
	if c.lease.holds(now) {
		if e, ok := c.credentials.GetIfPresent(d); ok && c.marks.clear(e.credential.Owner.ID, e.asOf) {
			return e
		}
	}
	return nil
}

// fill reads the credential of a digest from the database into the cache.
func (c *Cache) fill(ctx context.Context, d jeton.Digest, kind jeton.Kind) (*credentialEntry, error) {
	asOf, buffered := c.marks.applied(), int64(0)
	if c.activity != nil && kind != jeton.KindToken {
		buffered = c.activity.last(d) // before the read: see Activity.written
	}
	read, err := c.store.Credential(ctx, d, kind)
	switch {
	case errors.Is(err, jeton.ErrRetired):
		return nil, errUnauthenticated
	case errors.Is(err, jeton.ErrNotFound):
		return nil, errUnknownSecret // not cached: guesses must not evict entries
	case err != nil:
		return nil, unavailable(err)
	}
	before, _ := c.credentials.GetIfPresent(d)
	e := &credentialEntry{credential: read, asOf: asOf, activity: activityOf(read, before, buffered)}
	c.credentials.Set(d, e)
	return e, nil
}

// User returns a user without the password hash. It reads the database unless the user
// is cached and the lease holds. Errors: jeton.ErrNotFound, or the store's error. All
// callers share User.Roles: they must not change it.
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

// RoleTable returns all roles. It reads the database unless they are cached and the
// lease holds.
func (c *Cache) RoleTable(ctx context.Context) (*jeton.RoleTable, error) {
	e, err := c.roleTable(ctx, c.clock())
	if err != nil {
		return nil, err
	}
	return e.table, nil
}

// cachedRoles returns the roles if they are valid at now; nil: read the database.
func (c *Cache) cachedRoles(now time.Time) *rolesEntry {
	if e := c.roles.Load(); e != nil && c.lease.holds(now) && c.marks.clear(rolesMark, e.asOf) {
		return e
	}
	return nil
}

// roleTable returns the roles valid at now. Concurrent callers share one read: a caller
// that waited uses the last read if it began after the call.
func (c *Cache) roleTable(ctx context.Context, now time.Time) (*rolesEntry, error) {
	if e := c.cachedRoles(now); e != nil {
		return e, nil
	}
	called := c.clock()
	select {
	case c.rolesFill <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.rolesFill }()
	last := c.roles.Load()
	if last != nil && last.began.After(called) && c.marks.clear(rolesMark, last.asOf) {
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
