// Package client calls a Jeton server: typed calls for everything it serves under
// /api/v4, which is Mattermost's API for users, roles, sessions, bots and user
// access tokens, with Jeton's additions.
//
//	c, err := client.New("https://tokens.example.org", client.WithToken(secret))
//	if err != nil {
//		return err
//	}
//	t, err := c.CreateToken(ctx, client.Me, client.NewToken{Description: "nightly backup"})
//	if err != nil {
//		return err
//	}
//	keep(t.Secret.Reveal()) // nobody will ever show it again
//
// Whatever the server refuses comes back as an [*Error]. Calls are bounded by their
// context, and by 30 seconds where the caller gives no http.Client of its own; that
// holds for all attempts of a call together. A call is sent again only where that is
// safe: one that reads, after an answer that asks to come back (429, 502, 503, 504) or
// a broken connection; and any call whose connection was never made. Redirects are not
// followed, since a credential belongs to the server it was given for.
//
// A service that takes its callers' tokens verifies them by a [Verifier], and its
// handlers by [Middleware] and [Require].
//
// This package is the one Go interface of Jeton that is promised to others. It
// owns the wire as a caller sees it, and imports nothing else of the project.
package client
