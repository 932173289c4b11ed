// Package jobs holds the periodic work of a server: the removal of old records.
//
// It owns when a job runs and how many rows a transaction of it takes. It must not hold
// SQL: the store removes the rows, after the changes that wait, and in the one order of
// all nodes. Several nodes may run the same job; the second finds no rows.
package jobs
