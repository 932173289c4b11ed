package apitest

import "time"

// Within returns a limit of time for a test: d, or four times that with the race
// detector, which slows the program down.
func Within(d time.Duration) time.Duration {
	if RaceDetector {
		return 4 * d
	}
	return d
}
