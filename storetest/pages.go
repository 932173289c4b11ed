package storetest

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"jeton"
)

// testPagesStayInPlace: no page repeats or skips a token while others are added.
func testPagesStayInPlace(f *fixture) {
	ann := f.user("ann")
	add := func(n int) {
		f.change(func(tx jeton.Tx) error {
			for range n {
				if err := tx.AddToken(f.ctx, f.newToken(ann.ID), f.digest()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	add(500)
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
		add(3)
	}
	f.is("all", got, ids(first.Tokens))
	f.is("of one owner", mine, ids(first.Tokens))
}

// testPagesEqualNaive adds and removes tokens at random, and compares every kind
// of page with the same page cut out of a plain list.
func testPagesEqualNaive(f *fixture) {
	owners := []jeton.User{f.user("ann"), f.user("bob"), f.user("cat")}
	var model []jeton.Token // what there should be, in the order of creation
	steps := 0
	rapid.Check(&quietT{f.T}, func(t *rapid.T) {
		if steps++; steps > 25 {
			return // one growing store, rather than a hundred small ones
		}
		if rapid.IntRange(0, 2).Draw(t, "what") > 0 || len(model) == 0 {
			model = append(model, f.addMany(t, owners)...)
		} else {
			model = f.removeMany(t, model)
		}
		for range 6 {
			offset := rapid.Int64Range(0, int64(len(model))+10).Draw(t, "offset")
			limit := rapid.Int64Range(1, 200).Draw(t, "limit")
			page, err := f.store.Tokens(f.ctx, offset, limit)
			f.must(err)
			from := min(offset, int64(len(model)))
			want := model[from:min(from+limit, int64(len(model)))]
			f.is(fmt.Sprintf("%d from %d of %d", limit, offset, len(model)), ids(page.Tokens), ids(want))
			f.is("total", page.Total, int64(len(model)))
		}
	})
}

// quietT lets rapid count the checks without failing twice.
type quietT struct{ *testing.T }

func (f *fixture) addMany(t *rapid.T, owners []jeton.User) []jeton.Token {
	n := rapid.IntRange(1, 300).Draw(t, "added")
	lose := rapid.IntRange(0, 3).Draw(t, "lose") == 0
	var added []jeton.Token
	_, err := f.try(func(tx jeton.Tx) error {
		for i := range n {
			token := f.newToken(owners[i%len(owners)].ID)
			added = append(added, token)
			if err := tx.AddToken(f.ctx, token, f.digest()); err != nil {
				return err
			}
		}
		if lose {
			return errRefused
		}
		return nil
	})
	if lose {
		f.fails("a change that is lost", err, errRefused)
		return nil
	}
	f.must(err)
	return added
}

func (f *fixture) removeMany(t *rapid.T, model []jeton.Token) []jeton.Token {
	from := rapid.IntRange(0, len(model)-1).Draw(t, "from")
	to := rapid.IntRange(from, min(len(model), from+250)).Draw(t, "to")
	gone := ids(model[from:to])
	f.change(func(tx jeton.Tx) error { return tx.RemoveTokens(f.ctx, gone, start) })
	return slices.Delete(slices.Clone(model), from, to)
}
