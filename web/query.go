package web

import (
	"net/url"
	"strings"
)

// queryValue returns the first value of a name in a query, and whether there is one.
// It reads as url.ParseQuery does, without allocating a map.
func queryValue(query, name string) (string, bool) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" || strings.Contains(pair, ";") {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, err := unescape(key)
		if err != nil || key != name {
			continue
		}
		if value, err = unescape(value); err == nil {
			return value, true
		}
	}
	return "", false
}

func unescape(s string) (string, error) {
	if !strings.ContainsAny(s, "%+") {
		return s, nil
	}
	return url.QueryUnescape(s)
}
