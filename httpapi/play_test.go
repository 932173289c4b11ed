package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton"
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
		Status  any `json:"status"`
		JSON    any `json:"json"`
		Compare struct {
			Unordered  bool     `json:"unordered"`
			Count      bool     `json:"count"`
			StatusOnly bool     `json:"status_only"`
			Subset     []string `json:"subset"`
			Loose      []string `json:"loose"`
		} `json:"compare"`
	} `json:"expect"`
}

// notCompared are the fields that how_to_read excludes from the comparison.
var notCompared = []string{
	"detailed_error", "notify_props", "timezone", "auth_data", "auth_service", "props", "remote_id",
	"disable_welcome_email", "last_picture_update", "failed_attempts",
}

// lax are the steps whose request deliberately does not match the description.
var lax = []string{"list user: negative page", "list user: page not a number"}

func readPlay(t *testing.T) play {
	t.Helper()
	text, err := os.ReadFile("testdata/mattermost-9.11.json")
	if err != nil {
		t.Fatal(err)
	}
	var p play
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlay plays the recording against our server, on both engines.
func TestPlay(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		p := readPlay(t)
		s := apitest.Start(t, apitest.Options{Database: database})
		saved, secrets := enter(s, p)
		for i, st := range p.Steps {
			t.Run(fmt.Sprintf("%02d %s", i, st.Name), func(t *testing.T) { playStep(t, s, st, saved, secrets) })
		}
	})
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

func compare(t *testing.T, st step, got any, saved map[string]string) {
	t.Helper()
	c := st.Expect.Compare
	if c.StatusOnly || slices.Contains(c.Loose, "*") {
		return
	}
	gotRows, isList := got.([]any)
	wantRows, wantList := st.Expect.JSON.([]any)
	switch {
	case isList != wantList:
		t.Errorf("got %v, recorded %v", got, st.Expect.JSON)
	case !isList:
		compareObject(t, st, st.Expect.JSON.(map[string]any), got.(map[string]any), saved)
	case len(gotRows) != len(wantRows):
		t.Errorf("%d rows, recorded %d", len(gotRows), len(wantRows))
	case !c.Count:
		// Jeton's order may differ from the recorded one, so unordered rows are matched by
		// their id.
		for i, want := range wantRows {
			want := want.(map[string]any)
			row := gotRows[i]
			if c.Unordered {
				id := fill(want["id"].(string), saved)
				at := slices.IndexFunc(gotRows, func(r any) bool { return r.(map[string]any)["id"] == id })
				if at < 0 {
					t.Errorf("no row %s", id)
					continue
				}
				row = gotRows[at]
			}
			compareObject(t, st, want, row.(map[string]any), saved)
		}
	}
}

func compareObject(t *testing.T, st step, want, got map[string]any, saved map[string]string) {
	t.Helper()
	c := st.Expect.Compare
	for field, w := range want {
		if slices.Contains(notCompared, field) || slices.Contains(c.Loose, field) ||
			len(c.Subset) > 0 && !slices.Contains(c.Subset, field) {
			continue
		}
		g, there := got[field]
		if !there {
			t.Errorf("%s is missing", field)
		} else if !fits(w, g, saved) {
			t.Errorf("%s: %s", field, cmp.Diff(w, g))
		}
	}
}

var anyRequestID = regexp.MustCompile(`^[a-z0-9]{26}$`)

func fits(want, got any, saved map[string]string) bool {
	text, _ := got.(string)
	switch want {
	case "<id>":
		return jeton.ValidID(text)
	case "<rid>":
		return anyRequestID.MatchString(text)
	case "<secret>":
		return text != ""
	case "<ts>":
		n, ok := got.(float64)
		return ok && n > 0
	}
	if w, ok := want.(string); ok {
		return fill(w, saved) == text
	}
	return cmp.Equal(want, got)
}
