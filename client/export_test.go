package client

import (
	"net/http"
	"time"
)

// Hurried makes a client ask again without a pause.
func Hurried(c *Client) { c.wait = func(int) time.Duration { return 0 } }

// Through makes the calls through rt, and leaves the rest of the client as New made it.
func Through(rt http.RoundTripper) Option { return func(c *Client) { c.http.Transport = rt } }
