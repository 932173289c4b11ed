// Package jobs is what has to be done from time to time, whoever asks for it or
// not: so far, clearing away what is old.
//
// It says when, and how much at once; what is old is removed by the store, which
// does it behind changes and in the one order of all nodes. So several nodes may
// run the same job: the second finds nothing left to do.
package jobs
