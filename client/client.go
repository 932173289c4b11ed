package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Me stands for the calling user wherever a call takes a user's id.
const Me = "me"

const (
	prefix         = "/api/v4"
	defaultTimeout = 30 * time.Second
)

// Client calls one server, as one user. It is safe for concurrent use.
type Client struct {
	base   string // without a slash at its end
	secret Secret
	agent  string
	http   *http.Client
	wait   func(attempt int) time.Duration // before it asks again
}

// Option changes a new client.
type Option func(*Client)

// WithToken makes every call with this secret, a token's or a session's.
func WithToken(secret string) Option { return func(c *Client) { c.secret = Secret(secret) } }

// WithHTTPClient makes the calls through h: for a proxy, a private certificate
// authority or another timeout. Its CheckRedirect is not used.
func WithHTTPClient(h *http.Client) Option {
	return func(c *Client) {
		own := *h
		c.http = &own
	}
}

// WithUserAgent says who calls; a log-in's session keeps it.
func WithUserAgent(name string) Option { return func(c *Client) { c.agent = name } }

// New returns a client of the server at base, such as
// "https://tokens.example.org" or "http://127.0.0.1:8065". It asks nothing of the
// server yet.
func New(base string, options ...Option) (*Client, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, errors.New("the server's URL cannot be read") // err would quote it, with a password in it
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fmt.Errorf("%q is not like https://tokens.example.org", u.Redacted())
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q holds more than a server and a path", u.Redacted())
	}
	c := &Client{
		base: strings.TrimRight(u.String(), "/"), agent: "jeton-client",
		http: &http.Client{Timeout: defaultTimeout}, wait: backOff,
	}
	for _, o := range options {
		o(c)
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// With returns a client of the same server that calls with another secret;
// without any, if it is empty.
func (c *Client) With(secret string) *Client {
	out := *c
	out.secret = Secret(secret)
	return &out
}

// URL returns the server that is called.
func (c *Client) URL() string { return c.base }
