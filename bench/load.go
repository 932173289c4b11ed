package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// request is what wrk sends: one request, or one for each id in turn.
type request struct {
	method, path string   // %s in the path stands for an id
	ids          []string // nil: the path has no id
	body         string
	form         bool   // the body is a form
	refused      bool   // refusals do not count as errors
	secret       string // empty: each id is a secret and goes into the header
}

// result is one row.
type result struct {
	rate     float64 // requests/s
	p50, p99 time.Duration
	errors   int // answers that are not a success, and missing answers
}

// script returns the script that makes wrk send the request and report in one line. wrk
// runs it in one thread, so a counter is enough to go through the ids.
func (r request) script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "local headers = {[\"Authorization\"] = \"Bearer %s\"}\nlocal n = 0\n", r.secret)
	if r.form {
		b.WriteString("headers[\"Content-Type\"] = \"application/x-www-form-urlencoded\"\n")
	}
	switch {
	case r.ids != nil && r.secret == "":
		b.WriteString("local ids = {}\nfor line in io.lines(\"ids\") do ids[#ids + 1] = line end\n")
		fmt.Fprintf(&b, "request = function()\n n = n %% #ids + 1\n headers[\"Authorization\"] = \"Bearer \" .. ids[n]\n return wrk.format(%q, %q, headers)\nend\n", r.method, r.path)
	case r.ids != nil:
		b.WriteString("local ids = {}\nfor line in io.lines(\"ids\") do ids[#ids + 1] = line end\n")
		fmt.Fprintf(&b, "request = function()\n n = n %% #ids + 1\n return wrk.format(%q, string.format(%q, ids[n]), headers, %q)\nend\n", r.method, r.path, r.body)
	default:
		fmt.Fprintf(&b, "local one\ninit = function() one = wrk.format(%q, %q, headers, %q) end\nrequest = function() return one end\n", r.method, r.path, r.body)
	}
	status := " + e.status"
	if r.refused {
		status = ""
	}
	fmt.Fprintf(&b, `done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %%f %%f %%f %%d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.timeout%s))
end
`, status)
	return b.String()
}

// load measures a request. wrk gets the secret in a file, not as an argument.
func load(ctx context.Context, url string, r request, duration time.Duration) (result, error) {
	dir, err := os.MkdirTemp("", "jeton-wrk")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "load.lua"), []byte(r.script()), 0o600),
		os.WriteFile(filepath.Join(dir, "ids"), []byte(strings.Join(r.ids, "\n")+"\n"), 0o600),
	)
	if err != nil {
		return result{}, err
	}
	cmd := exec.CommandContext(ctx, "wrk", "-t1", "-c16", "-d", fmt.Sprintf("%.0fs", duration.Seconds()), "-s", "load.lua", url)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	return parseResult(string(out))
}

func parseResult(out string) (result, error) {
	var r result
	var p50, p99 float64
	_, line, found := strings.Cut(out, "RESULT ")
	if _, err := fmt.Sscanf(line, "%f %f %f %d", &r.rate, &p50, &p99, &r.errors); !found || err != nil {
		return r, fmt.Errorf("wrk printed no result: %s", out)
	}
	r.p50, r.p99 = time.Duration(p50*1e3), time.Duration(p99*1e3) // wrk reports microseconds
	return r, nil
}
