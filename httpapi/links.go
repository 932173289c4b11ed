package httpapi

import (
	"net/url"
	"strconv"

	"jeton"
	"jeton/web"
)

// unknownTotal is the total of a list that is not counted.
const unknownTotal = -1

// listHeaders sets X-Total-Count and Link (RFC 8288) on a page of a list: first, prev,
// next, and last where the total is known. Links contain the named filters of the
// query, and no other parameter of it. They are absolute when --public-url is set; the
// Host header is never used, because the client chooses it.
func (a *api) listHeaders(c *web.Call, p jeton.Page, rows int, total int64, filters ...string) {
	h := c.Header()
	if total >= 0 {
		h["X-Total-Count"] = []string{strconv.FormatInt(total, 10)}
	}
	if p.Size == 0 {
		return
	}
	l := linker{p: p, base: a.base(c), filters: filterQuery(c, filters)}
	l.b = make([]byte, 0, 4*(len(l.base)+len(l.filters)+64))
	last := p.Number
	if total >= 0 {
		last = max(0, total-1) / p.Size
	}
	l.add(0, "first")
	if p.Number > 0 {
		prev := p.Number - 1
		if total >= 0 {
			prev = min(prev, last)
		}
		l.add(prev, "prev")
	}
	if p.Number < last || total < 0 && int64(rows) == p.Size {
		l.add(p.Number+1, "next")
	}
	if total >= 0 {
		l.add(last, "last")
	}
	h["Link"] = []string{string(l.b)}
}

type linker struct {
	b       []byte
	p       jeton.Page
	base    string
	filters string
}

func (l *linker) add(number int64, rel string) {
	if len(l.b) > 0 {
		l.b = append(l.b, ", "...)
	}
	l.b = append(append(append(l.b, '<'), l.base...), "?page="...)
	l.b = strconv.AppendInt(l.b, number, 10)
	l.b = append(l.b, "&per_page="...)
	l.b = strconv.AppendInt(l.b, l.p.Size, 10)
	l.b = append(l.b, l.filters...)
	l.b = append(append(append(l.b, `>; rel="`...), rel...), '"')
}

// base returns the URL of the list without its query.
func (a *api) base(c *web.Call) string {
	path := c.Request.URL.EscapedPath()
	if a.public == nil {
		return path
	}
	return a.public.Scheme + "://" + a.public.Host + trimSlash(a.public.EscapedPath()) + path
}

func trimSlash(s string) string {
	for len(s) > 0 && s[len(s)-1] == '/' {
		s = s[:len(s)-1]
	}
	return s
}

// filterQuery returns the named parameters of the request as the end of a query.
func filterQuery(c *web.Call, names []string) string {
	query := ""
	for _, name := range names {
		if v := c.Query(name); v != "" {
			query += "&" + name + "=" + url.QueryEscape(v)
		}
	}
	return query
}
