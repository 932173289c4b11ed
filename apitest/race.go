//go:build race

package apitest

// RaceDetector reports whether the tests run with the race detector.
const RaceDetector = true
