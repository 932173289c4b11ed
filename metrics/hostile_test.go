package metrics_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"jeton/apitest"
	"jeton/verify"
)

// wave sends hostile requests, with a mark in every part that a client may choose.
func wave(m *measured, mark string, secrets ...string) {
	for i := range 40 {
		id := fmt.Sprintf("%s%d", mark, i)
		for _, path := range []string{
			"/" + id, "/api/v4/" + id, "/api/v4/users/" + id, "/api/v4/users/tokens/" + id + "/uses", "/api/v4/roles/name/" + id,
			"/verify/" + id, "/verify?require=" + id, "/verify?require=" + id + ":x", "/verify/require/" + id, "/oauth2/" + id,
			"/feed?after=" + id, "/api/v4/users?" + id + "=" + id, "/" + id + "/../verify", "/api/v4/users/{user_id}" + id,
		} {
			m.send("GET", path, "Bearer "+id)
			m.send(strings.ToUpper(id), path, "")
			m.send("POST", path, id)
			for _, s := range secrets {
				m.send("GET", path, "Bearer "+s)
				m.send("GET", "/"+s+path, "Bearer "+s)
			}
		}
	}
}

// Whatever clients send, series grow by no more than the program's own routes and
// classes, and neither they nor the log of verifications hold a secret.
func TestHostileRequests(t *testing.T) {
	var log bytes.Buffer
	m := startMeasured(t, apitest.Options{
		Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Verify: verify.Settings{LogEach: true},
	})
	secrets := []string{m.Admin, m.MakeToken(m.AdminID, "x").Secret}
	wave(m, "qqfirst", secrets...)
	first := m.scrape(t)
	wave(m, "qqsecond", secrets...)
	text := m.get("/metrics").Body.String()
	for name := range parse(t, text) {
		if _, ok := first[name]; !ok && !strings.HasPrefix(name, "go_") {
			t.Errorf("%s is new", name)
		}
	}
	for _, s := range append(secrets, "qqfirst", "qqsecond") {
		if strings.Contains(strings.ToLower(text), s) {
			t.Errorf("/metrics holds %q", s)
		}
	}
	for _, s := range secrets {
		if strings.Contains(log.String(), s) {
			t.Errorf("the log holds %q", s)
		}
	}
	if !strings.Contains(log.String(), `"outcome":"good"`) {
		t.Error("verifications are not logged")
	}
}

func TestLint(t *testing.T) {
	m := startMeasured(t, apitest.Options{})
	m.send("GET", "/api/v4/users/me", "")
	problems, err := testutil.GatherAndLint(m.metrics.Gatherer())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// docs/metrics.md has a row for each metric, with its type and labels, and no other.
func TestDocumented(t *testing.T) {
	m := startMeasured(t, apitest.Options{})
	m.send("GET", "/api/v4/users/me", "")
	families, err := m.metrics.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "jeton_") {
			continue
		}
		row := strings.ToLower(f.GetType().String())
		for _, l := range f.GetMetric()[0].GetLabel() {
			row += " " + l.GetName()
		}
		there[f.GetName()] = row
	}
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(jeton_\\w+)` \\| (\\w+) \\|([^|]*)\\|").FindAllStringSubmatch(string(text), -1) {
		documented[row[1]] = strings.Join(strings.Fields(row[2]+" "+strings.NewReplacer("`", "", ",", "").Replace(row[3])), " ")
	}
	if diff := cmp.Diff(there, documented); diff != "" {
		t.Errorf("docs/metrics.md is stale (-there +documented):\n%s", diff)
	}
}
