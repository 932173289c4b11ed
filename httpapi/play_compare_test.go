package httpapi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton"
)

// notCompared are the fields that how_to_read excludes from the comparison, unless a step
// names them among those that it compares.
var notCompared = []string{
	"detailed_error", "notify_props", "timezone", "auth_data", "auth_service", "props", "remote_id",
	"disable_welcome_email", "last_picture_update", "failed_attempts",
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
		named := c.Dotted || slices.Contains(c.Subset, field)
		if !named && (slices.Contains(notCompared, field) || len(c.Subset) > 0) || slices.Contains(c.Loose, field) {
			continue
		}
		g, there := valueAt(got, field, c.Dotted)
		if !there {
			t.Errorf("%s is missing", field)
		} else if !fits(w, g, saved) {
			t.Errorf("%s: %s", field, cmp.Diff(w, g))
		}
	}
}

// valueAt returns a field of an object; dotted: the field's name is a path in it.
func valueAt(object map[string]any, field string, dotted bool) (any, bool) {
	if first, rest, more := strings.Cut(field, "."); dotted && more {
		inner, _ := object[first].(map[string]any)
		return valueAt(inner, rest, true)
	}
	v, ok := object[field]
	return v, ok
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
