// Package metrics reports the state of a server: metrics for Prometheus, liveness and
// readiness.
//
// It owns the name, the help text and the labels of every metric (names.go) and the
// paths /metrics, /healthz and /readyz. It does not measure: the other packages count,
// or call the functions that they are given, and do not import Prometheus. The paths
// are served on an address of their own, never by a front.
//
// No label holds text that a client chose: routes are patterns, methods and outcomes
// come from fixed sets. So the program bounds the number of series, not its traffic. No
// metric, label or answer holds a secret.
package metrics
