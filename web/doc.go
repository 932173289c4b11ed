// Package web is what the fronts share: the path of a request from the socket to a
// handler, and of the answer back.
//
// It owns the funnel (request id, client address, limits, panics, authentication, the
// answer's headers), the places where a credential may stand in a request, cookies
// and their protection against forged requests, and the access log. It must not know
// any route, the shape of any body or the text of any error: those belong to the
// fronts. It keeps no secret, and it logs no secret, no raw path and no query.
package web
