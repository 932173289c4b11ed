package metrics

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"jeton/authn"
	"jeton/sqlstore"
	"jeton/verify"
)

// Build says what runs.
type Build struct{ Version, Revision string }

// Metrics are the numbers of one server. The methods Verified, Answered, Applied and
// Grouped are to be handed to what they are named after: they neither block nor, but
// for the first answer of a route, allocate. All methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	verified       [verify.Outcomes]prometheus.Counter
	verifyDuration prometheus.Histogram
	requests       *prometheus.HistogramVec
	here           prometheus.Observer
	elsewhere      prometheus.Observer
	groups         prometheus.Histogram
}

// New makes the metrics of a server. All whose labels are known show from the start,
// so that rates of what has not happened yet are 0 and not unknown.
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
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Verified counts a verification.
func (m *Metrics) Verified(how verify.Outcome, took time.Duration) {
	m.verified[how].Inc()
	m.verifyDuration.Observe(took.Seconds())
}

// Answered counts a call of another route: see web.Funnel.
func (m *Metrics) Answered(method, route string, status int, took time.Duration) {
	class := status / 100
	if class < 0 || class >= len(classes) {
		class = 0
	}
	m.requests.WithLabelValues(method, route, classes[class]).Observe(took.Seconds())
}

// Applied counts a change that the cache took in: see authn.Options.
func (m *Metrics) Applied(here bool, after time.Duration) {
	if here {
		m.here.Observe(after.Seconds())
	} else {
		m.elsewhere.Observe(after.Seconds())
	}
}

// Grouped counts a transaction of changes: see sqlstore.Options.
func (m *Metrics) Grouped(changes int) { m.groups.Observe(float64(changes)) }

// Watch has Prometheus told what these say of themselves, each time it asks. It may
// be called once.
func (m *Metrics) Watch(store *sqlstore.Store, cache *authn.Cache, uses *authn.Uses) {
	m.registry.MustRegister(reader(func(out chan<- prometheus.Metric) {
		readStore(out, store.Stats())
		readCache(out, cache.Stats())
		counter(out, descUsesDropped, float64(uses.Dropped()))
	}))
}

// Gatherer returns what all metrics are read by.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }
