package apitest

import "time"

// Within is a bound on time that a test may hold the server to: d, and longer
// with the race detector, which makes everything several times slower.
func Within(d time.Duration) time.Duration {
	if RaceDetector {
		return 4 * d
	}
	return d
}
