package examples_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// peer is a server that the proxy calls: Jeton or the service behind. It records each
// request and passes it on to its handler, which a test may replace.
type peer struct {
	*httptest.Server
	handler     atomic.Pointer[http.Handler]
	connections atomic.Int64
	mu          sync.Mutex
	seen        []asked
}

// asked is a request as it arrived.
type asked struct {
	*http.Request
	body string
}

func newPeer(t testing.TB, h http.Handler) *peer {
	p := &peer{}
	p.handler.Store(&h)
	p.Server = httptest.NewUnstartedServer(p)
	p.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			p.connections.Add(1)
		}
	}
	p.Start()
	t.Cleanup(p.Close)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte("cannot be read: " + err.Error())
	}
	p.mu.Lock()
	p.seen = append(p.seen, asked{r.Clone(r.Context()), string(body)})
	p.mu.Unlock()
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	(*p.handler.Load()).ServeHTTP(w, r)
}

// take returns the requests since the last call.
func (p *peer) take() []asked {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.seen
	p.seen = nil
	return out
}

func (p *peer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

func (p *peer) address() string { return p.Listener.Addr().String() }

// instead replaces the handler for the rest of the test.
func (p *peer) instead(t testing.TB, h http.Handler) {
	old := p.handler.Swap(&h)
	t.Cleanup(func() { p.handler.Store(old) })
}

// service is the protected service. The header Say selects its answer.
var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Say") == "500" {
		http.Error(w, "the service's own trouble", http.StatusInternalServerError)
		return
	}
	if r.Header.Get("Say") == "403" {
		http.Error(w, "the service's own refusal", http.StatusForbidden)
		return
	}
	w.Write([]byte("reached"))
})
