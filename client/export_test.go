package client

import (
	"net/http"
	"time"
)

// Hurried makes a client retry without a pause.
func Hurried(c *Client) { c.wait = func(int) time.Duration { return 0 } }

// Through sends the calls through rt, and keeps the other settings of New.
func Through(rt http.RoundTripper) Option { return func(c *Client) { c.http.Transport = rt } }
