package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"jeton/client"
)

const (
	someTokens = 10_000 // tokens in turn in the row of cached tokens
	pacedRate  = 500    // verifications a second in the row of misses at a steady pace
)

// target is one of the rows that are measured in turn.
type target struct {
	name, url string
	request
}

// rounds is the number of turns of each target. A shared machine is slower at times; with
// several turns, this affects all targets.
const rounds = 5

// loadInTurn measures targets in turn and returns the means.
func loadInTurn(ctx context.Context, targets []target, duration time.Duration) ([]result, error) {
	sum := make([]result, len(targets))
	for range rounds {
		for _, i := range rand.Perm(len(targets)) { // in random order: a row after an idle moment is slower
			t := targets[i]
			got, err := load(ctx, t.url, t.request, max(time.Second, (duration/rounds).Round(time.Second)))
			if err != nil {
				return nil, err
			}
			sum[i].rate += got.rate / rounds
			sum[i].p50 += got.p50 / rounds
			sum[i].p99 += got.p99 / rounds
			sum[i].errors += got.errors
		}
	}
	return sum, nil
}

// measureVerify prints the rows of verification. Their floor is a bare server's answer
// without body and headers; one row shows the cost of the headers.
func measureVerify(ctx context.Context, o options, s *server, floorURL string, secrets []string) error {
	hot, err := goodOnes(ctx, s.url, secrets)
	if err != nil {
		return err
	}
	verify := request{method: "GET", path: "/verify"}
	one, turns, misses, introspect, refused := verify, verify, verify, verify, verify
	one.secret = hot[0]
	turns.ids = hot
	misses.ids, misses.refused = secrets, true
	refused.secret, refused.refused = s.session, true // a session's secret is not good for /verify
	introspect.method, introspect.path, introspect.secret, introspect.form = "POST", "/oauth2/introspect", s.session, true
	introspect.body = url.Values{"token": {hot[0]}}.Encode()
	fmt.Printf("\nVerification, compared with a bare answer without a body; %d rounds, each with the rows in random order:\n", rounds)
	empty := request{method: "GET", path: emptyPath, secret: hot[0]}
	withHeaders, emptyTurns := empty, empty
	withHeaders.path = headersPath
	emptyTurns.secret, emptyTurns.ids = "", hot // wrk formats each of these requests, on the same cores
	targets := []target{
		{"bare net/http, no body (the floor)", floorURL, empty},
		{"bare net/http, no body, 7 headers", floorURL, withHeaders},
		{fmt.Sprintf("bare net/http, no body, %d tokens in turn", len(hot)), floorURL, emptyTurns},
		{"GET /verify, one token", s.url, one},
		{fmt.Sprintf("GET /verify, %d tokens in turn", len(hot)), s.url, turns},
		{"GET /verify, refused", s.url, refused},
		{"POST /oauth2/introspect", s.url, introspect},
	}
	got, err := loadInTurn(ctx, targets, o.duration)
	if err != nil {
		return err
	}
	for i, t := range targets {
		printRow(t.name, got[i], got[0])
	}
	slices.Reverse(secrets) // start with tokens that were not verified yet
	p50, p99, err := paced(ctx, s.url, secrets, o.duration)
	if err != nil {
		return err
	}
	fmt.Printf("%-42s %10d %8s %9.2f %9.2f\n", "GET /verify, misses at a steady pace", pacedRate, "", ms(p50), ms(p99))
	missed, err := load(ctx, s.url, misses, o.duration)
	if err != nil {
		return err
	}
	printRow("GET /verify, all tokens in turn (misses)", missed, got[0])
	return measureMiddleware(ctx, o, s, hot[0])
}

// goodOnes returns the good tokens: a tenth of the seeded ones are not.
func goodOnes(ctx context.Context, base string, secrets []string) ([]string, error) {
	var good []string
	for _, secret := range secrets[:min(len(secrets), someTokens)] {
		status, err := verifyOnce(ctx, base, secret)
		if err != nil {
			return nil, err
		}
		if status == http.StatusOK {
			good = append(good, secret)
		}
	}
	if len(good) == 0 {
		return nil, fmt.Errorf("none of %d tokens is good", len(secrets))
	}
	return good, nil
}

func verifyOnce(ctx context.Context, base, secret string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/verify", nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// paced sends verifications at a steady pace, without waiting for earlier answers, and
// returns their latencies, counted from the moment each was due.
func paced(ctx context.Context, base string, secrets []string, duration time.Duration) (p50, p99 time.Duration, err error) {
	n := int(duration.Seconds() * pacedRate)
	took := make([]time.Duration, n)
	errs := make([]error, n)
	var all sync.WaitGroup
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * time.Second / pacedRate)
		time.Sleep(time.Until(due))
		all.Go(func() {
			_, errs[i] = verifyOnce(ctx, base, secrets[i%len(secrets)])
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, 0, err
		}
	}
	slices.Sort(took)
	return took[n/2], took[n*99/100], nil
}

// measureMiddleware measures a verification inside a service.
func measureMiddleware(ctx context.Context, o options, s *server, secret string) error {
	c, err := client.New(s.url, client.WithToken(s.session))
	if err != nil {
		return err
	}
	v := client.NewVerifier(c, client.VerifierOptions{})
	ctx, stop := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { v.Run(ctx) })
	defer following.Wait()
	defer stop()
	for !v.Following() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	n := 0
	began := time.Now()
	for ; time.Since(began) < o.duration/5; n++ {
		if _, err := v.Verify(ctx, secret); err != nil {
			return err
		}
	}
	each := time.Since(began) / time.Duration(n)
	fmt.Printf("%-42s %10.0f %8s %6d ns each, one goroutine\n", "client.Verifier, in process", 1/each.Seconds(), "", each.Nanoseconds())
	return nil
}

// readSecrets returns the secrets of the seeded tokens in an order as that of readOwners.
func readSecrets(dir string) ([]string, error) {
	f, err := os.Open(filepath.Join(dir, "secrets"))
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is only read
	var secrets []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 {
			secrets = append(secrets, fields[2])
		}
	}
	return spread(secrets), nil
}
