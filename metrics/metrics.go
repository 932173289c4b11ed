package metrics

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"jeton"
	"jeton/authn"
	"jeton/sqlstore"
	"jeton/verify"
)

// Build identifies the program.
type Build struct{ Version, Revision string }

// Metrics are the metrics of one server. Verified, Answered, Applied and Grouped are the
// hooks of the other packages: they do not block, and they allocate only for the first
// answer of a route. All methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	verified       [verify.Outcomes]prometheus.Counter
	verifyDuration prometheus.Histogram
	requests       *prometheus.HistogramVec
	here           prometheus.Observer
	elsewhere      prometheus.Observer
	groups         prometheus.Histogram
	connections    atomic.Pointer[func() Connections] // nil: not known yet
}

// New makes the metrics of a server. Series with known labels exist from the start, so
// that their rates are 0 before the first event.
func New(b Build) *Metrics {
	verifications, propagation := newVerifications(), newPropagation()
	m := &Metrics{
		registry: prometheus.NewRegistry(), verifyDuration: newVerifyDuration(), requests: newRequestDuration(),
		here: propagation.WithLabelValues(originHere), elsewhere: propagation.WithLabelValues(originElsewhere), groups: newGroupSize(),
	}
	for i := range m.verified {
		m.verified[i] = verifications.WithLabelValues(verify.Outcome(i).String())
	}
	m.registry.MustRegister(verifications, m.verifyDuration, m.requests, propagation, m.groups,
		reader(func(out chan<- prometheus.Metric) { gauge(out, descBuild, 1, b.Version, b.Revision, runtime.Version()) }),
		reader(m.readConnections), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Verified counts a verification.
func (m *Metrics) Verified(how verify.Outcome, took time.Duration) {
	m.verified[how].Inc()
	m.verifyDuration.Observe(took.Seconds())
}

// Answered counts a call of another route: see web.Options.
func (m *Metrics) Answered(method, route string, status int, took time.Duration) {
	class := status / 100
	if class < 0 || class >= len(classes) {
		class = 0
	}
	m.requests.WithLabelValues(method, route, classes[class]).Observe(took.Seconds())
}

// Applied counts a change that the cache applied: see authn.Options.
func (m *Metrics) Applied(here bool, after time.Duration) {
	if here {
		m.here.Observe(after.Seconds())
	} else {
		m.elsewhere.Observe(after.Seconds())
	}
}

// Grouped counts a transaction of changes: see sqlstore.Options.
func (m *Metrics) Grouped(changes int) { m.groups.Observe(float64(changes)) }

// Watch reads the statistics of these parts at each scrape. It may be called once.
func (m *Metrics) Watch(store *sqlstore.Store, cache *authn.Cache, uses *authn.Uses, service *jeton.Service) {
	m.registry.MustRegister(reader(func(out chan<- prometheus.Metric) {
		readStore(out, store.Stats())
		readCache(out, cache.Stats())
		counter(out, descUsesDropped, float64(uses.Dropped()))
		readRefusals(out, service.RefusalStats())
	}))
}

// Connections are the connections of clients: how many there are, and may be, and how many
// were closed at once or, while idle, for another.
type Connections struct {
	Open, Max        int
	Refused, Evicted int64
}

// WatchConnections reads the numbers of connections at each scrape.
func (m *Metrics) WatchConnections(read func() Connections) { m.connections.Store(&read) }

func (m *Metrics) readConnections(out chan<- prometheus.Metric) {
	var c Connections
	if read := m.connections.Load(); read != nil {
		c = (*read)()
	}
	gauge(out, descConnMax, float64(c.Max))
	gauge(out, descConnOpen, float64(c.Open))
	counter(out, descConnRefused, float64(c.Refused))
	counter(out, descConnEvicted, float64(c.Evicted))
}

// Gatherer returns the source of all metrics.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }
