package jeton

import (
	"context"
	"strconv"
	"unicode/utf8"
)

// Bounds of what one request may ask for.
const (
	MaxListed     = 1000 // ids or names in a list
	MaxSearchTerm = 256  // characters

	// deepPage is the offset from which on a page of users counts as a search: it may
	// have to walk.
	deepPage = 1000
)

// Reads bounds how many lists and searches of one client run at once, so that no client
// keeps others from reading. Package limit implements it. A method waits for its turn,
// not for long. It fails with CodeTooManyReads, or with the error of ctx. done must be
// called when the read has ended. Methods are safe for concurrent use.
type Reads interface {
	// List is for a read of a page, which an index finds.
	List(ctx context.Context, client string) (done func(), err error)
	// Search is for a read that may look at many rows.
	Search(ctx context.Context, client string) (done func(), err error)
}

// noBound is Reads without a bound.
type noBound struct{}

// List implements Reads.
func (noBound) List(context.Context, string) (func(), error) { return func() {}, nil }

// Search implements Reads.
func (noBound) Search(context.Context, string) (func(), error) { return func() {}, nil }

// list reads a page in the actor's turn, and search reads what may look at many rows.
// An error of the turn, too, is one that the store could not answer.
func list[T any](ctx context.Context, s *Service, a Actor, read func() (T, error)) (T, error) {
	return inTurn(ctx, a, s.reads.List, read)
}

func search[T any](ctx context.Context, s *Service, a Actor, read func() (T, error)) (T, error) {
	return inTurn(ctx, a, s.reads.Search, read)
}

func inTurn[T any](ctx context.Context, a Actor, turn func(context.Context, string) (func(), error), read func() (T, error)) (T, error) {
	done, err := turn(ctx, a.ID)
	if err != nil {
		var none T
		return none, err
	}
	defer done()
	return read()
}

// checkTerm refuses a search term that is too long.
func checkTerm(term string) error {
	if utf8.RuneCountInString(term) > MaxSearchTerm {
		return failParam(CodeTermTooLong, strconv.Itoa(MaxSearchTerm))
	}
	return nil
}

// checkListed refuses lists of ids or names that are too long.
func checkListed(lists ...[]string) error {
	for _, l := range lists {
		if len(l) > MaxListed {
			return failParam(CodeListTooLong, strconv.Itoa(MaxListed))
		}
	}
	return nil
}
