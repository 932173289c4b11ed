package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton/apitest"
	"jeton/client"
)

type tokenLister = func(context.Context, client.Page) (client.List[client.Token], error)

// inPagesOf reads a list in smaller pages than those of All.
func inPagesOf(t *testing.T, size int, list tokenLister) tokenLister {
	return func(x context.Context, p client.Page) (client.List[client.Token], error) {
		if p.Size != client.MaxPageSize {
			t.Errorf("All asks for a page of %d", p.Size)
		}
		p.Size = size
		return list(x, p)
	}
}

func ofMine(c *client.Client) tokenLister {
	return func(x context.Context, p client.Page) (client.List[client.Token], error) {
		return c.TokensOf(x, client.Me, p)
	}
}

// A page has the total number of rows, and whether there is a next page.
func TestPages(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	for range 5 {
		s.MakeToken(s.AdminID, "x")
	}
	tests := []struct {
		page client.Page
		rows int
		more bool
	}{
		{client.Page{}, 5, false},
		{client.Page{Size: 5}, 5, false},
		{client.Page{Size: 2}, 2, true},
		{client.Page{Number: 1, Size: 2}, 2, true},
		{client.Page{Number: 2, Size: 2}, 1, false},
		{client.Page{Number: 3, Size: 2}, 0, false},
		{client.Page{Size: 1000}, 5, false},
	}
	for _, tt := range tests {
		for _, list := range []tokenLister{s.Client.Tokens, ofMine(s.Client)} {
			l := made(list(t.Context(), tt.page))(t)
			if len(l.Items) != tt.rows || l.More != tt.more || l.Total != 5 {
				t.Errorf("%+v: %d rows of %d, more: %v", tt.page, len(l.Items), l.Total, l.More)
			}
		}
	}
	if l := made(s.Client.Audits(t.Context(), client.Page{Size: 2}))(t); l.Total != -1 || !l.More || len(l.Items) != 2 {
		t.Errorf("the journal: %d rows of %d, more: %v", len(l.Items), l.Total, l.More)
	}
}

// While tokens are added, All repeats and skips no row.
func TestAllWhileRowsAreAdded(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	var want, got []string
	add := func() { want = append(want, s.MakeToken(s.AdminID, strconv.Itoa(len(want))).ID) }
	for range 5 {
		add()
	}
	for tok, err := range client.All(t.Context(), inPagesOf(t, 2, ofMine(s.Client))) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, tok.ID)
		if len(want) < 12 {
			add()
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// numbers is a list with pages of two rows. It records the requested pages.
func numbers(pages int, asked *[]int, fail error) func(context.Context, client.Page) (client.List[int], error) {
	return func(_ context.Context, p client.Page) (client.List[int], error) {
		*asked = append(*asked, p.Number)
		if p.Number == pages && fail != nil {
			return client.List[int]{}, fail
		}
		return client.List[int]{Items: []int{2 * p.Number, 2*p.Number + 1}, More: p.Number+1 < pages || fail != nil}, nil
	}
}

func TestAllEnds(t *testing.T) {
	broken := errors.New("broken")
	tests := map[string]struct {
		fail   error
		stopAt int
		rows   []int
		pages  []int
	}{
		"at the end":                  {nil, -1, []int{0, 1, 2, 3, 4, 5}, []int{0, 1, 2}},
		"with an error":               {broken, -1, []int{0, 1, 2, 3, 4, 5}, []int{0, 1, 2, 3}},
		"at the first row":            {nil, 0, []int{0}, []int{0}},
		"at the last row of a page":   {nil, 1, []int{0, 1}, []int{0}},
		"at the first row of another": {broken, 2, []int{0, 1, 2}, []int{0, 1}},
	}
	for name, tt := range tests {
		var rows, pages []int
		var last error
		for n, err := range client.All(t.Context(), numbers(3, &pages, tt.fail)) {
			if last != nil {
				t.Errorf("%s: goes on after an error", name)
			}
			if last = err; err != nil {
				continue // All must not call a loop body again after a break
			}
			if rows = append(rows, n); n == tt.stopAt {
				break
			}
		}
		if !slices.Equal(rows, tt.rows) || !slices.Equal(pages, tt.pages) || tt.stopAt < 0 && !errors.Is(last, tt.fail) {
			t.Errorf("%s: rows %v of pages %v: %v", name, rows, pages, last)
		}
	}
}

// An error of the server within a list ends the list after the rows before it.
func TestAllOfABrokenServer(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Link", `</api/v4/users/tokens?page=9>; rel="next"`)
		_, _ = fmt.Fprintf(w, `[{"id":"a%s"},{"id":"b"}]`, r.URL.Query().Get("page"))
	})
	rows, failed := 0, 0
	for tok, err := range client.All(t.Context(), c.Tokens) {
		if err != nil {
			failed++
			if !isStatus(err, 403) || tok.ID != "" {
				t.Errorf("%v", err)
			}
			continue
		}
		rows++
	}
	if rows != 4 || failed != 1 {
		t.Errorf("%d rows, %d errors", rows, failed)
	}
}
