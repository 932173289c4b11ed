package storetest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"

	"pgregory.net/rapid"

	"jeton"
)

// testPagesStayInPlace: pages repeat and skip no token while tokens are added.
func testPagesStayInPlace(f *fixture) {
	ann := f.user("ann")
	f.addTokens(500, ann)
	first, err := f.store.Tokens(f.ctx, 0, 500)
	f.must(err)
	var got, mine []string
	for offset := int64(0); offset < 500; offset += 50 {
		page, err := f.store.Tokens(f.ctx, offset, 50)
		f.must(err)
		got = append(got, ids(page.Tokens)...)
		own, err := f.store.TokensOf(f.ctx, ann.ID, offset, 50)
		f.must(err)
		mine = append(mine, ids(own.Tokens)...)
		f.addTokens(3, ann)
	}
	f.is("all", got, ids(first.Tokens))
	f.is("of one owner", mine, ids(first.Tokens))
}

// addTokens adds n tokens to the owners in turn.
func (f *fixture) addTokens(n int, owners ...jeton.User) []jeton.Token {
	f.Helper()
	tokens := make([]jeton.Token, n)
	for i := range tokens {
		tokens[i] = f.newToken(owners[i%len(owners)].ID)
	}
	f.change(func(tx jeton.Tx) error { return f.addAll(tx, tokens) })
	return tokens
}

func (f *fixture) addAll(tx jeton.Tx, tokens []jeton.Token) error {
	for _, t := range tokens {
		if err := tx.AddToken(t, f.digest()); err != nil {
			return err
		}
	}
	return nil
}

// testPagesEqualModel adds and removes tokens at random, and compares every kind of page
// with the same part of a plain list.
func testPagesEqualModel(f *fixture) {
	owners := []jeton.User{f.user("ann"), f.user("bob"), f.user("cat")}
	f.property(15, func(f *fixture, t *rapid.T) {
		f.removeAllTokens()
		m := pageModel{fixture: f, owners: owners}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch {
			case len(m.tokens) == 0 || rapid.IntRange(0, 2).Draw(t, "what") > 0:
				m.add(rapid.IntRange(1, 300).Draw(t, "added"), rapid.IntRange(0, 3).Draw(t, "lose") == 3)
			default:
				from := rapid.IntRange(0, len(m.tokens)-1).Draw(t, "from")
				m.remove(from, rapid.IntRange(from, min(len(m.tokens), from+250)).Draw(t, "to"))
			}
			m.check(0, 200)
			for range 4 {
				m.check(rapid.Int64Range(0, int64(len(m.tokens))+10).Draw(t, "offset"), rapid.Int64Range(1, 200).Draw(t, "limit"))
			}
		}
	})
}

func (f *fixture) removeAllTokens() {
	f.Helper()
	page, err := f.store.Tokens(f.ctx, 0, math.MaxInt32)
	f.must(err)
	if page.Total > 0 {
		f.change(func(tx jeton.Tx) error { return tx.RemoveTokens(ids(page.Tokens), start) })
	}
}

// pageModel is the expected content of the store, in the order of creation.
type pageModel struct {
	*fixture
	owners []jeton.User
	tokens []jeton.Token
}

// add adds n tokens in one change. With lose, the change is rolled back.
func (m *pageModel) add(n int, lose bool) {
	if !lose {
		m.tokens = append(m.tokens, m.addTokens(n, m.owners...)...)
		return
	}
	err := m.refused(func(tx jeton.Tx) error {
		for range n {
			if err := tx.AddToken(m.newToken(m.owners[0].ID), m.digest()); err != nil {
				return err
			}
		}
		return errRefused
	})
	m.fails("a change that is undone", err, errRefused)
}

func (m *pageModel) remove(from, to int) {
	removed := ids(m.tokens[from:to])
	m.change(func(tx jeton.Tx) error { return tx.RemoveTokens(removed, start) })
	m.tokens = slices.Delete(m.tokens, from, to)
}

func (m *pageModel) check(offset, limit int64) {
	page, err := m.store.Tokens(m.ctx, offset, limit)
	m.must(err)
	m.isPage("all", page, m.tokens, offset, limit)
	owner := m.owners[offset%int64(len(m.owners))].ID
	page, err = m.store.TokensOf(m.ctx, owner, offset/3, limit)
	m.must(err)
	mine := slices.DeleteFunc(slices.Clone(m.tokens), func(t jeton.Token) bool { return t.UserID != owner })
	m.isPage("an owner's", page, mine, offset/3, limit)
}

func (m *pageModel) isPage(what string, got jeton.TokenPage, all []jeton.Token, offset, limit int64) {
	m.Helper()
	from := min(offset, int64(len(all)))
	want := all[from:min(from+limit, int64(len(all)))]
	m.is(fmt.Sprintf("%s: %d from %d of %d", what, limit, offset, len(all)), ids(got.Tokens), ids(want))
	m.is(what+": total", got.Total, int64(len(all)))
}

// window is a state of the list: the number of its first token, and that of the next token
// to be added.
type window struct{ first, next int64 }

// testPagesAreOneRead: the rows and the total of a page are from one state of the list, while
// tokens are added at its end and removed at its beginning.
func testPagesAreOneRead(f *fixture) {
	const before, by, times = 700, 7, 120
	ann := f.user("ann")
	numbered := func(from, n int64) (tokens []jeton.Token) {
		for i := range n {
			tokens = append(tokens, jeton.Token{ID: fmt.Sprintf("%026d", from+i), UserID: ann.ID, CreateAt: start})
		}
		return tokens
	}
	f.change(func(tx jeton.Tx) error { return f.addAll(tx, numbered(0, before)) })
	now := window{0, before}
	states := map[window]bool{now: true}
	done := make(chan struct{})
	stop := sync.OnceFunc(func() { close(done) })
	f.Cleanup(stop)
	seen := make([][]pageSeen, 3)
	var readers sync.WaitGroup
	for i := range seen {
		readers.Go(func() { seen[i] = f.readPages(ann.ID, int64(i), done) })
	}
	for i := range times {
		if i%3 == 2 {
			gone := ids(numbered(now.first, 2*by))
			now.first += 2 * by
			f.change(func(tx jeton.Tx) error { return tx.RemoveTokens(gone, start) })
		} else {
			added := numbered(now.next, by)
			now.next += by
			f.change(func(tx jeton.Tx) error { return f.addAll(tx, added) })
		}
		states[now] = true
	}
	stop()
	readers.Wait()
	for _, s := range slices.Concat(seen...) {
		if problem := s.problem(states); problem != "" {
			f.Fatalf("%d of %d tokens from %d on: %s", len(s.page.Tokens), s.page.Total, s.offset, problem)
		}
	}
}

// pageSeen is a page with its request.
type pageSeen struct {
	page          jeton.TokenPage
	offset, limit int64
	err           error
}

// readPages reads pages of all tokens and of one owner's until done.
func (f *fixture) readPages(owner string, offset int64, done <-chan struct{}) (seen []pageSeen) {
	for {
		select {
		case <-done:
			return seen
		default:
		}
		offset = (offset*31 + 17) % 750
		s := pageSeen{offset: offset, limit: 60}
		s.page, s.err = f.store.Tokens(f.ctx, s.offset, s.limit)
		seen = append(seen, s)
		s.page, s.err = f.store.TokensOf(f.ctx, owner, s.offset, s.limit)
		seen = append(seen, s)
	}
}

// problem returns why the page belongs to none of the states; empty: it belongs to one.
func (s pageSeen) problem(states map[window]bool) string {
	if s.err != nil {
		return s.err.Error()
	}
	if want := min(s.limit, max(0, s.page.Total-s.offset)); int64(len(s.page.Tokens)) != want {
		return fmt.Sprintf("there should be %d rows", want)
	}
	var first int64
	for i, t := range s.page.Tokens {
		n, err := strconv.ParseInt(t.ID, 10, 64)
		if err != nil {
			return err.Error()
		}
		if i == 0 {
			first = n
		}
		if n != first+int64(i) {
			return fmt.Sprintf("token %d comes after %d others from %d on", n, i, first)
		}
	}
	w := window{first - s.offset, first - s.offset + s.page.Total}
	if len(s.page.Tokens) > 0 && !states[w] {
		return fmt.Sprintf("the list never was %v", w)
	}
	return ""
}
