//go:build race

package apitest

// RaceDetector says whether the tests run with it.
const RaceDetector = true
