// Package metrics tells operators how a server does: numbers for Prometheus, and
// whether it is alive and ready.
//
// It owns the name, the help and the labels of every metric (names.go), the paths
// /metrics, /healthz and /readyz, and nothing that is measured: the other packages
// count for themselves, or call what they were handed, and know no Prometheus. It is
// served on an address of its own and never by a front.
//
// No label holds what a client chose: routes are patterns, methods and outcomes come
// from fixed sets, so the number of series is bounded by the program, not by its
// traffic. No metric, label or answer holds a secret.
package metrics
