package httpapi_test

import (
	"bytes"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"

	"jeton/apitest"
)

type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// The recorded play runs with debug logging. No line of the log holds a secret, a password, a
// raw path or a query.
func TestLogHoldsNoSecret(t *testing.T) {
	var out log
	p := readPlay(t, "9.11")
	s := apitest.Start(t, apitest.Options{Log: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	saved, secrets := enter(s, p)
	for _, st := range p.Steps {
		playStep(t, s, st, saved, secrets)
	}
	s.Do("GET", "/users/"+secrets["bob"]+"?access_token="+secrets["bob"], "", nil)
	s.Do("GET", "/users/tokens/"+saved["t1"]+"?mark=inquery", "Bearer "+secrets["bob"], nil)

	bad := []string{apitest.Password, "inquery", "per_page", "/users/me", "/" + saved["bob"], "/" + saved["t1"], "role/name/system"}
	for name, v := range maps.All(saved) {
		if strings.HasPrefix(name, "s") {
			bad = append(bad, v)
		}
	}
	for _, v := range secrets {
		bad = append(bad, v)
	}
	text := out.String()
	for _, b := range bad {
		if strings.Contains(text, b) {
			t.Errorf("the log holds %q", b)
		}
	}
	if n := strings.Count(text, `"msg":"request"`); n < len(p.Steps) || !strings.Contains(text, `"route":"/api/v4/users/{user_id}/tokens"`) {
		t.Errorf("%d lines", n)
	}
}
