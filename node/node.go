package node

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"jeton"
	"jeton/authn"
	"jeton/httpapi"
	"jeton/jobs"
	"jeton/limit"
	"jeton/metrics"
	"jeton/password"
	"jeton/sqlstore"
	"jeton/verify"
	"jeton/web"
)

// Node is one server on one database. A caller opens it, calls Run, serves Handler,
// and closes the node when Run has returned.
type Node struct {
	Handler   http.Handler // all paths
	Service   *jeton.Service
	Store     jeton.Store // as Options.Wrap returned it
	Cache     *authn.Cache
	Uses      *authn.Uses
	Activity  *authn.Activity
	Passwords jeton.Passwords

	database *sqlstore.Store
	cleaner  jobs.Cleaner
	log      *slog.Logger
}

// Open opens the database, with its tables made or migrated, and connects the parts.
// Nothing runs yet. It fails with the error of sqlstore.Open.
func Open(ctx context.Context, o Options) (*Node, error) {
	o = o.withDefaults()
	stored := sqlstore.Options{URL: o.Database, Log: o.Log, Clock: o.Clock}
	if o.Metrics != nil {
		stored.Grouped = o.Metrics.Grouped
	}
	database, err := sqlstore.Open(ctx, stored)
	if err != nil {
		return nil, err
	}
	n := &Node{Store: database, Passwords: o.Passwords, database: database, log: o.Log}
	if o.Wrap != nil {
		n.Store = o.Wrap(database)
	}
	n.Activity = authn.NewActivity(n.Store, o.Settings.SessionIdle, 0, o.Log)
	n.Cache = n.cache(o)
	n.Service = jeton.NewService(jeton.Options{
		Store: n.Store, Directory: n.Cache, Passwords: n.Passwords, Limits: limit.ForService(),
		Reads: limit.NewReads(database.Readers()), Clock: o.Clock, Settings: o.Settings,
	})
	n.Uses = authn.NewUses(authn.UsesOptions{Store: n.Store, Log: o.Log})
	n.cleaner = jobs.Cleaner{
		Store: n.Store, Tokens: n.Service, KeepRetired: o.KeepRetired, KeepExpired: o.KeepExpired, KeepRefusals: o.KeepRefusals,
		Clock: o.Clock, Log: o.Log,
	}
	n.Handler = n.fronts(o)
	if o.Metrics != nil {
		o.Metrics.Watch(database, n.Cache, n.Uses, n.Service)
	}
	return n, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Passwords == nil {
		o.Passwords = password.New(password.Params{Wrong: password.DefaultWrong})
	}
	if o.KeepRetired == 0 {
		o.KeepRetired = jobs.DefaultKeepRetired
	}
	if o.KeepExpired == 0 {
		o.KeepExpired = jobs.DefaultKeepExpired
	}
	return o
}

func (n *Node) cache(o Options) *authn.Cache {
	c := authn.Options{
		Store: n.Store, Settings: o.Settings, Clock: o.Clock, Log: o.Log, Render: verify.Render,
		Lease: o.Lease, Size: o.CacheSize, Timeout: o.VerifyTimeout, Activity: n.Activity,
		Heard: func(e jeton.Event) { n.Service.Heard(e) },
	}
	if o.Metrics != nil {
		c.Count, c.Applied = true, o.Metrics.Applied
	}
	return authn.New(c)
}

// fronts returns the handler of all paths: verification takes its own, and the rest
// goes to the Mattermost wire.
func (n *Node) fronts(o Options) http.Handler {
	shared := web.Options{
		Service: n.Service, Auth: n.Cache, Used: n.Uses.Note,
		Log: o.Log, Public: o.Public, Proxies: o.Proxies, Clock: o.Clock, Guesses: limit.NewGuesses(o.Verify.Unknown),
	}
	verifying := verify.Options{Cache: n.Cache, Settings: o.Verify}
	if o.Metrics != nil {
		shared.Answered, verifying.Verified = o.Metrics.Answered, o.Metrics.Verified
	}
	verifying.Options = shared
	return verify.New(verifying).Before(httpapi.New(httpapi.Options{
		Options: shared, Build: o.Build,
		Ping: func(ctx context.Context) error { _, err := n.Store.Head(ctx); return err },
	}))
}

// Run does all that goes on beside requests, until ctx ends: it follows the journal,
// writes the counts of refusals and of uses and the activity of sessions, and removes old records. At the end it
// writes the counts that it holds, so ctx must outlive the last request.
func (n *Node) Run(ctx context.Context) {
	var work sync.WaitGroup
	for _, run := range []func(context.Context){n.Cache.Run, n.Service.Run, n.Uses.Run, n.Activity.Run, n.cleaner.Run} {
		work.Go(func() { run(ctx) })
	}
	work.Wait()
	if lost := n.Service.RefusalStats().Pending; lost > 0 {
		n.log.Error("the counts of refusals could not be written to the journal", "refusals", lost)
	}
}

// Health returns what decides whether the node is ready.
func (n *Node) Health() metrics.Parts {
	return metrics.Parts{Schema: n.database.Schema, Fresh: func() bool { return n.Cache.Stats().Fresh }}
}

// Close writes the changes that are queued and closes the database.
func (n *Node) Close() error { return n.database.Close() }
