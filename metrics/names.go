package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"jeton"
)

// The names of all metrics but those of the collectors of Go and of the process (go_*,
// process_*). docs/metrics.md has the same list.
const (
	nameVerifications   = "jeton_verifications_total"
	nameVerifyDuration  = "jeton_verification_duration_seconds"
	nameRequestDuration = "jeton_http_request_duration_seconds"

	nameLookups     = "jeton_cache_lookups_total"
	nameFeedAge     = "jeton_feed_age_seconds"
	nameFeedWaiters = "jeton_feed_waiters"
	namePropagation = "jeton_propagation_seconds"
	nameUsesDropped = "jeton_uses_dropped_total"

	nameQueue     = "jeton_committer_queue_length"
	nameGroupSize = "jeton_committer_group_changes"

	nameRefusals        = "jeton_refusals_total"
	nameRefusalsPending = "jeton_refusals_pending"
	nameNotes           = "jeton_journal_notes_total"

	namePoolMax    = "jeton_database_connections_max"
	namePoolOpen   = "jeton_database_connections_open"
	namePoolInUse  = "jeton_database_connections_in_use"
	namePoolWaits  = "jeton_database_waits_total"
	namePoolWaited = "jeton_database_wait_seconds_total"

	nameConnMax     = "jeton_connections_max"
	nameConnOpen    = "jeton_connections_open"
	nameConnRefused = "jeton_connections_refused_total"
	nameConnEvicted = "jeton_connections_evicted_total"

	nameBuild = "jeton_build_info"
)

// The labels, and the values that are defined here.
const (
	labelOutcome = "outcome" // of a verification: see verify.Outcome
	labelMethod  = "method"
	labelRoute   = "route"  // a pattern, or "none"
	labelStatus  = "status" // a class: see classes
	labelResult  = "result" // of a look-up
	labelOrigin  = "origin" // of a change
	labelKind    = "kind"   // of queued work
	labelPool    = "pool"
	labelLine    = "line" // of the journal that counts a refusal: see refusalLines

	resultHit, resultMiss       = "hit", "miss"
	originHere, originElsewhere = "here", "elsewhere"
	kindChange, kindBehind      = "change", "behind"
	poolRead, poolVerification  = "read", "verification"
	poolWrite                   = "write"

	notesWritten, notesDropped = "written", "dropped"
)

// refusalLines are the values of labelLine.
var refusalLines = [jeton.RefusalLines]string{
	jeton.RefusalOwn: "own", jeton.RefusalAccount: "account", jeton.RefusalClient: "client", jeton.RefusalRest: "rest",
}

// classes are the values of labelStatus, by the hundreds of the status. The first one
// is for an answer that was aborted before it had a status.
var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// The buckets, in seconds; groupBuckets are numbers of changes.
var (
	verifyBuckets = []float64{
		50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 150e-3, 250e-3, 1, 5,
	}
	requestBuckets     = []float64{250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 1, 2.5, 10}
	propagationBuckets = []float64{1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 150e-3, 250e-3, 500e-3, 1, 2.5, 10}
	groupBuckets       = []float64{1, 2, 4, 8, 16, 32, 64}
)

// The metrics that are read at each scrape.
var (
	descLookups     = describe(nameLookups, "Look-ups of tokens and sessions, answered from memory (hit) or by the database (miss).", labelResult)
	descFeedAge     = describe(nameFeedAge, "Age of the latest read of the journal, on which answers from memory depend.")
	descFeedWaiters = describe(nameFeedWaiters, "Calls of the feed that wait for events.")
	descUsesDropped = describe(nameUsesDropped, "Uses of tokens that were not counted because the memory for them was full.")
	descQueue       = describe(nameQueue, "Work that waits for the committer: changes, and work of lower priority (behind).", labelKind)
	descPoolMax     = describe(namePoolMax, "Connections to the database that a pool may have.", labelPool)
	descPoolOpen    = describe(namePoolOpen, "Connections to the database that a pool has.", labelPool)
	descPoolInUse   = describe(namePoolInUse, "Connections to the database that are in use.", labelPool)
	descPoolWaits   = describe(namePoolWaits, "Number of waits for a connection to the database.", labelPool)
	descPoolWaited  = describe(namePoolWaited, "Time spent waiting for a connection to the database.", labelPool)
	descConnMax     = describe(nameConnMax, "Connections of clients that may be open at once.")
	descConnOpen    = describe(nameConnOpen, "Connections of clients that are open.")
	descConnRefused = describe(nameConnRefused, "Connections of clients that were closed at once because there was no place for them.")
	descConnEvicted = describe(nameConnEvicted, "Connections of clients that were closed while idle, to make place for others.")
	descRefusals    = describe(nameRefusals, "Refusals, by what the line of the journal that counts them names: client and account (own), one of them, or neither (rest).", labelLine)

	descRefusalsPending = describe(nameRefusalsPending, "Refusals that are counted and not yet passed to the journal.")
	descNotes           = describe(nameNotes, "Entries of the journal that go with no change, such as refusals, by what became of them.", labelResult)

	descBuild = describe(nameBuild, "The version of the program; always 1.", "version", "revision", "go_version")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

func newVerifications() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: nameVerifications, Help: "Verifications, by outcome.",
	}, []string{labelOutcome})
}

func newVerifyDuration() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: nameVerifyDuration, Help: "Time until the answer to a verification was ready.", Buckets: verifyBuckets,
	})
}

func newRequestDuration() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: nameRequestDuration, Help: "Duration of requests other than verifications, by the route's pattern.", Buckets: requestBuckets,
	}, []string{labelMethod, labelRoute, labelStatus})
}

func newPropagation() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: namePropagation, Help: "Time from a change, made on this node (here) or not (elsewhere), until this node applied it.", Buckets: propagationBuckets,
	}, []string{labelOrigin})
}

func newGroupSize() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: nameGroupSize, Help: "Changes that shared one transaction.", Buckets: groupBuckets,
	})
}
