package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// measure seeds a database, starts the program on it and prints the results.
func measure(ctx context.Context, o options, name, dir, db string) error {
	fmt.Printf("\n## %s\n\n", name)
	if err := seed(ctx, o, dir, db); err != nil {
		return err
	}
	owners, err := readOwners(filepath.Join(dir, "secrets"))
	if err != nil {
		return err
	}
	s, err := startServer(ctx, o.program, dir, db)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("ready %.0f ms after exec, RssAnon %.1f MiB\n\n", float64(s.ready.Microseconds())/1e3, mib(s.started))
	floorURL, stopFloor, err := startFloor()
	if err != nil {
		return fmt.Errorf("the floor: %w", err)
	}
	defer stopFloor()
	targets := []target{{"bare net/http (the floor)", floorURL, request{method: "GET", path: "/"}}}
	for _, row := range rows(o, s.session, owners) {
		targets = append(targets, target{row.name, s.url, row.request})
	}
	fmt.Printf("Medians of %d rounds, the rows in another order each time:\n\n%-42s %10s %8s %9s %9s\n",
		rounds, "", "requests/s", "ratio", "p50 ms", "p99 ms")
	got, err := loadInTurn(ctx, targets, o.duration)
	if err != nil {
		return err
	}
	for i, t := range targets {
		printRow(t.name, got[i], got[0])
	}
	secrets, err := readSecrets(dir)
	if err != nil {
		return err
	}
	if err := measureVerify(ctx, o, s, floorURL, secrets); err != nil {
		return err
	}
	fmt.Printf("RssAnon after all of it: %.1f MiB\n", mib(s.memory()))
	return nil
}

type row struct {
	name string
	request
}

// rows lists the measurements. Reads come first, so that they read the seeded data.
func rows(o options, session string, owners []string) []row {
	deep := max(0, o.tokens/200-1)
	get := func(name, path string, ids []string) row {
		return row{name, request{method: "GET", path: path, ids: ids, secret: session}}
	}
	return []row{
		get("GET /users/me", "/api/v4/users/me", nil),
		get("GET /users/{id}/tokens, 10 rows", "/api/v4/users/%s/tokens", owners),
		get("the same, 1,000 users in turn", "/api/v4/users/%s/tokens", owners[:min(len(owners), 1000)]),
		get("GET /users/tokens, first 60", "/api/v4/users/tokens", nil),
		get("GET /users/tokens, first 200", "/api/v4/users/tokens?page=0&per_page=200", nil),
		get(fmt.Sprintf("GET /users/tokens, page %d of 200", deep), fmt.Sprintf("/api/v4/users/tokens?page=%d&per_page=200", deep), nil),
		{"POST /users/{id}/tokens", request{
			method: "POST", path: "/api/v4/users/%s/tokens", ids: owners, secret: session, body: `{"description":"made by the benchmark"}`,
		}},
	}
}

// readOwners returns the owners of the seeded tokens in the order of the requests:
// neighbours are far apart, so that one request does not warm the pages of the next.
func readOwners(secrets string) ([]string, error) {
	f, err := os.Open(secrets)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is only read
	var owners []string
	seen := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if owner := fields[1]; !seen[owner] {
			seen[owner] = true
			owners = append(owners, owner)
		}
	}
	return spread(owners), nil
}

// spread reorders a list so that neighbours are far apart.
func spread(list []string) []string {
	const stride = 7919 // a prime: each element comes once before any comes twice
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i*stride%len(list)]
	}
	return out
}

func printRow(name string, r, floor result) {
	note := ""
	if r.errors > 0 {
		note = fmt.Sprintf("  %d errors", r.errors)
	}
	fmt.Printf("%-42s %10.0f %8.2f %9.2f %9.2f%s\n", name, r.rate, r.rate/floor.rate, ms(r.p50), ms(r.p99), note)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

func mib(n int64) float64 { return float64(n) / (1 << 20) }

func describeMachine(w io.Writer) {
	cpu := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	fmt.Fprintf(w, "%s, %d cores, %s %s/%s\n", cpu, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// printMattermost prints Mattermost's figures from another run, for comparison only.
func printMattermost(w io.Writer) {
	fmt.Fprint(w, `
## Mattermost 9.11, for scale

Not measured in this run: figures taken before on another machine's run, with PostgreSQL; no ratio can be formed with them.

                                     requests/s
authenticated calls                        7160
GET /users/{id}/tokens                     3067
GET /users/tokens, first page              5956
GET /users/tokens, deep page                 50
POST /users/{id}/tokens                    1303
`)
}
