package web

import "net/http"

// AllowedMethods is what Allow says where every method of ValidMethod is good: the common
// ones.
const AllowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// registered are the methods that IANA's registry has beside the common ones: those of
// WebDAV and its relatives (RFC 4918 and others), and QUERY.
var registered = map[string]bool{
	"ACL": true, "BASELINE-CONTROL": true, "BIND": true, "CHECKIN": true, "CHECKOUT": true, "COPY": true, "LABEL": true, "LINK": true,
	"LOCK": true, "MERGE": true, "MKACTIVITY": true, "MKCALENDAR": true, "MKCOL": true, "MKREDIRECTREF": true, "MKWORKSPACE": true,
	"MOVE": true, "ORDERPATCH": true, "PROPFIND": true, "PROPPATCH": true, "QUERY": true, "REBIND": true, "REPORT": true, "SEARCH": true,
	"UNBIND": true, "UNCHECKOUT": true, "UNLINK": true, "UNLOCK": true, "UPDATE": true, "UPDATEREDIRECTREF": true, "VERSION-CONTROL": true,
}

// ValidMethod reports whether a request may have a method at all. It may not have TRACE,
// which echoes credentials, CONNECT, which is for forward proxies, and one that is not
// registered (RFC 9110, 9.1): programs behind the server could take it for another. Names
// are case-sensitive.
func ValidMethod(m string) bool {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	}
	return registered[m]
}
