package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// MaxPageSize is the largest number of rows on a page.
const MaxPageSize = 200

// Page selects one page of a list.
type Page struct {
	Number int // from 0
	Size   int // 1 to MaxPageSize; 0: the server's default, 60
}

// List is one page of a list.
type List[T any] struct {
	Items []T
	Total int64 // rows of the whole list; -1: the server does not count them
	More  bool  // there is a next page
}

// All iterates over a whole list, in pages of MaxPageSize rows. It stops at the first
// error. While rows are added, a list from the oldest to the newest repeats and skips no
// row; any other list (Audits; Users by their names) may repeat one. While rows are
// removed, every list may skip one.
func All[T any](ctx context.Context, list func(context.Context, Page) (List[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for n := 0; ; n++ {
			l, err := list(ctx, Page{Number: n, Size: MaxPageSize})
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range l.Items {
				if !yield(item, nil) {
					return
				}
			}
			if !l.More {
				return
			}
		}
	}
}

// query returns the query parameters of the page.
func (p Page) query(v url.Values) string {
	if v == nil {
		v = url.Values{}
	}
	if p.Number > 0 {
		v.Set("page", strconv.Itoa(p.Number))
	}
	if p.Size > 0 {
		v.Set("per_page", strconv.Itoa(p.Size))
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// list gets one page.
func list[T any](ctx context.Context, c *Client, path string, p Page, v url.Values) (List[T], error) {
	var l List[T]
	h, err := c.do(ctx, call{method: http.MethodGet, path: path + p.query(v), out: &l.Items, reads: true})
	if err != nil {
		return List[T]{}, err
	}
	l.Total, l.More = total(h), strings.Contains(h.Get("Link"), `rel="next"`)
	return l, nil
}

func total(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("X-Total-Count"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// escaped escapes a segment of a path.
func escaped(s string) string { return url.PathEscape(s) }
