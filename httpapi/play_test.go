package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"jeton/apitest"
)

// play is a recording of a real Mattermost; how_to_read in the file explains it.
type play struct {
	Players map[string]string `json:"players"`
	Steps   []step            `json:"steps"`
}

type step struct {
	Name    string            `json:"name"`
	Actor   *string           `json:"actor"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
	RawBody *string           `json:"raw_body"`
	Save    map[string]string `json:"save"`
	Expect  struct {
		Status   any     `json:"status"`
		JSON     any     `json:"json"`
		Location *string `json:"location"`
		Compare  struct {
			Unordered  bool     `json:"unordered"`
			Count      bool     `json:"count"`
			StatusOnly bool     `json:"status_only"`
			Dotted     bool     `json:"dotted"`
			Subset     []string `json:"subset"`
			Loose      []string `json:"loose"`
		} `json:"compare"`
	} `json:"expect"`
}

// lax are the steps whose request deliberately does not match the description.
var lax = []string{"list user: negative page", "list user: page not a number"}

func readPlay(t *testing.T, version string) play {
	t.Helper()
	text, err := os.ReadFile("testdata/mattermost-" + version + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var p play
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlay plays the recordings against our server, each on an empty database of both
// engines.
func TestPlay(t *testing.T) {
	for _, version := range []string{"9.11", "11.6"} {
		t.Run(version, func(t *testing.T) {
			apitest.Engines(t, func(t *testing.T, database string) { playAll(t, readPlay(t, version), database) })
		})
	}
}

func playAll(t *testing.T, p play, database string) {
	s := apitest.Start(t, apitest.Options{Database: database})
	saved, secrets := enter(s, p)
	for i, st := range p.Steps {
		t.Run(fmt.Sprintf("%02d %s", i, st.Name), func(t *testing.T) {
			playStep(t, s, st, saved, secrets)
		})
	}
}

// enter creates the users of the play as how_to_read says.
func enter(s *apitest.Server, p play) (saved, secrets map[string]string) {
	saved, secrets = map[string]string{"admin": s.AdminID}, map[string]string{"admin": s.Admin}
	for name, roles := range p.Players {
		if name != "admin" {
			u := s.MakeUser(name, strings.Fields(roles)...)
			saved[name], secrets[name] = u.ID, u.Secret
		}
	}
	return saved, secrets
}

func playStep(t *testing.T, s *apitest.Server, st step, saved, secrets map[string]string) {
	s = s.For(t)
	h := http.Header{}
	for k, v := range st.Headers {
		h.Set(k, fill(v, saved))
	}
	if st.Actor != nil {
		h.Set("Authorization", "Bearer "+secrets[*st.Actor])
	}
	body := ""
	switch {
	case st.RawBody != nil:
		body = *st.RawBody
	case st.Body != nil:
		text, _ := json.Marshal(st.Body)
		body = fill(string(text), saved)
	}
	path := fill(st.Path, saved)
	var a apitest.Answer
	if body == "" {
		a = s.Send(st.Method, path, h, nil)
	} else {
		a = s.Send(st.Method, path, h, body)
	}
	hold(t, st.Method, path, h, body, a, !slices.Contains(lax, st.Name))
	if !statusFits(st.Expect.Status, a.Status) {
		t.Fatalf("status %d, recorded %v: %s", a.Status, st.Expect.Status, a.Body)
	}
	if st.Expect.Location != nil {
		if to := a.Header.Get("Location"); to != *st.Expect.Location {
			t.Errorf("Location %q, recorded %q", to, *st.Expect.Location)
		}
		return
	}
	var got any
	if err := json.Unmarshal(a.Body, &got); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	for name, field := range st.Save {
		saved[name] = got.(map[string]any)[field].(string)
	}
	compare(t, st, got, saved)
}

func fill(s string, saved map[string]string) string {
	for name, v := range saved {
		s = strings.ReplaceAll(s, "{"+name+"}", v)
	}
	return s
}

func statusFits(want any, got int) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(w any) bool { return statusFits(w, got) })
	}
	return want.(float64) == float64(got)
}
