// Package web is what the fronts share: the way of a request from the socket to
// a handler and of its answer back.
//
// It owns the funnel (request id, client address, limits, panics, who is
// calling, the answer's headers), where a credential may stand in a request,
// cookies and their protection against forged requests, and the access log. It
// must not know any route, any shape of a body or any error's wording: those are
// the front's. It never keeps a secret, and nothing it logs holds one, a raw
// path or a query.
package web
