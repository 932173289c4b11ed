package node

import (
	"log/slog"
	"net/url"
	"time"

	"jeton"
	"jeton/metrics"
	"jeton/verify"
	"jeton/web"
)

// Options says what node to open. Database and Settings are needed; the rest has
// defaults.
type Options struct {
	Database string // a URL of package sqlstore
	Settings jeton.Settings
	Log      *slog.Logger // nil: discards
	Build    string       // the version of the program
	Public   *url.URL     // how clients reach the server; nil: not known
	Proxies  web.Proxies

	Verify        verify.Settings
	VerifyTimeout time.Duration // how long a verification waits for the database; 0: authn.DefaultTimeout
	Lease         time.Duration // 0: authn.DefaultLease
	CacheSize     int64         // bytes; 0: authn.DefaultSize
	KeepRetired   int           // days; 0: jobs.DefaultKeepRetired
	KeepExpired   int           // days; 0: jobs.DefaultKeepExpired
	KeepRefusals  int           // days; 0: jobs.DefaultKeepRefusals

	Metrics *metrics.Metrics // of this node alone; nil: nothing is measured

	// What tests replace.
	Clock     jeton.Clock                   // nil: time.Now
	Passwords jeton.Passwords               // nil: argon2id at its usual cost
	Wrap      func(jeton.Store) jeton.Store // returns the store that the other parts use; nil: the database's own
}
