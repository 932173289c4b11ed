package client

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Me stands for the calling user where a call takes a user's id.
const Me = "me"

const (
	prefix         = "/api/v4"
	defaultTimeout = 30 * time.Second
)

// Client calls one server as one user. It is safe for concurrent use.
type Client struct {
	base    string  // without a trailing slash
	secret  *Secret // nil: none. A pointer, because fmt prints an unexported field without its String method
	agent   string
	http    *http.Client
	timeout time.Duration                   // of a call with all its attempts; 0: none
	wait    func(attempt int) time.Duration // the pause before an attempt
}

// Option configures a new client.
type Option func(*Client)

// WithToken sends this secret, a token's or a session's, with every call.
func WithToken(secret string) Option { return func(c *Client) { c.secret = kept(secret) } }

// WithHTTPClient sends the calls through h, for a proxy, a private certificate
// authority or another timeout. The timeout bounds a call with all its attempts. The
// client does not use h.CheckRedirect.
func WithHTTPClient(h *http.Client) Option {
	return func(c *Client) {
		own := *h
		c.http, c.timeout = &own, own.Timeout
		own.Timeout = 0
	}
}

// WithUserAgent sets the User-Agent header; the session of a log-in records it.
func WithUserAgent(name string) Option { return func(c *Client) { c.agent = name } }

// New returns a client of the server at base, such as
// "https://tokens.example.org" or "http://127.0.0.1:8065". It sends no request. An error
// never quotes the URL, which may hold a password.
func New(base string, options ...Option) (*Client, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, errors.New("the server's URL cannot be read")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("the server's URL is not like https://tokens.example.org")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the server's URL holds more than a server and a path")
	}
	c := &Client{
		base: strings.TrimRight(u.String(), "/"), agent: "jeton-client",
		http: &http.Client{}, timeout: defaultTimeout, wait: backOff,
	}
	for _, o := range options {
		o(c)
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// With returns a client of the same server that sends another secret. If the secret is
// empty, it sends none.
func (c *Client) With(secret string) *Client {
	out := *c
	out.secret = kept(secret)
	return &out
}

func kept(secret string) *Secret {
	if secret == "" {
		return nil
	}
	s := Secret(secret)
	return &s
}

// URL returns the server's URL.
func (c *Client) URL() string { return c.base }
