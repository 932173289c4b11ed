package jeton

import "math"

// Limits of a page.
const (
	DefaultPageSize = 60
	MaxPageSize     = 200
)

// Page asks for one page of a list, counted from 0.
type Page struct {
	Number int64
	Size   int64 // 0 asks for no rows
}

// Offset returns how many rows come before the page; a page so far out that the
// number does not fit is past every list.
func (p Page) Offset() int64 {
	if p.Size > 0 && p.Number > math.MaxInt64/p.Size {
		return math.MaxInt64
	}
	return p.Number * p.Size
}
