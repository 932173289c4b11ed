// Package client calls a Jeton server. It has a typed call for each route under /api/v4,
// which is Mattermost's API for users, roles, sessions, bots and user access tokens, with
// Jeton's additions.
//
//	c, err := client.New("https://tokens.example.org", client.WithToken(secret))
//	if err != nil {
//		return err
//	}
//	t, err := c.CreateToken(ctx, client.Me, client.NewToken{Description: "nightly backup"})
//	if err != nil {
//		return err
//	}
//	keep(t.Secret.Reveal()) // no later answer holds it
//
// A refusal of the server is an [*Error]. The context bounds a call, and so does a timeout
// of 30 seconds if the caller gives no http.Client of its own; both bound all attempts of
// a call together. The client sends a call again only where that is safe: a call that
// reads, after 429, 502, 503, 504 or a broken connection; and any call whose connection
// was never made. It does not follow redirects, because a credential belongs to the server
// that it was given for.
//
// A service verifies its callers' tokens with a [Verifier], and protects its handlers with
// [Middleware] and [Require].
//
// This package is the only Go API of Jeton that is promised to others. It owns the wire
// format from the caller's side, and imports nothing else of the project.
package client
