package metrics

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jeton"
	"jeton/authn"
	"jeton/sqlstore"
)

// reader makes metrics of statistics at each scrape.
type reader func(out chan<- prometheus.Metric)

// Collect implements prometheus.Collector.
func (r reader) Collect(out chan<- prometheus.Metric) { r(out) }

// Describe implements prometheus.Collector.
func (r reader) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(r, out) }

func readStore(out chan<- prometheus.Metric, s sqlstore.Stats) {
	gauge(out, descQueue, float64(s.Queued), kindChange)
	gauge(out, descQueue, float64(s.Behind), kindBehind)
	counter(out, descNotes, float64(s.NotesWritten), notesWritten)
	counter(out, descNotes, float64(s.NotesDropped), notesDropped)
	for _, p := range []struct {
		name string
		sqlstore.Pool
	}{{poolRead, s.Read}, {poolVerification, s.Verification}, {poolWrite, s.Write}} {
		gauge(out, descPoolMax, float64(p.Max), p.name)
		gauge(out, descPoolOpen, float64(p.Open), p.name)
		gauge(out, descPoolInUse, float64(p.InUse), p.name)
		counter(out, descPoolWaits, float64(p.Waits), p.name)
		counter(out, descPoolWaited, p.Waited.Seconds(), p.name)
	}
}

func readCache(out chan<- prometheus.Metric, s authn.Stats) {
	counter(out, descLookups, float64(s.Hits), resultHit)
	counter(out, descLookups, float64(s.Misses), resultMiss)
	gauge(out, descFeedAge, seconds(s.Age))
	gauge(out, descFeedWaiters, float64(s.Waiting))
}

func readRefusals(out chan<- prometheus.Metric, s jeton.RefusalStats) {
	for line, name := range refusalLines {
		counter(out, descRefusals, float64(s.ByLine[line]), name)
	}
	gauge(out, descRefusalsPending, float64(s.Pending))
}

// seconds returns infinity for the longest duration, which means that there was no start.
func seconds(d time.Duration) float64 {
	if d == math.MaxInt64 {
		return math.Inf(1)
	}
	return d.Seconds()
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func counter(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}
