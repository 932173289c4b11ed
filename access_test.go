package jeton_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"jeton"
)

// row is one use case with one target.
type row struct {
	call, target string
	narrowed     jeton.Scopes      // the permissions that the use case names
	cells        map[string]string // column -> letters
}

// String returns the row's name in failures and for -run.
func (r *row) String() string { return r.call + "|" + r.target }

// TestAccess checks access through a running server: every use case, by every actor, on every
// target that makes a difference, with every credential.
func TestAccess(t *testing.T) {
	w := newWorld(t)
	for _, r := range rows(t, accessTable) {
		t.Run(r.String(), func(t *testing.T) {
			var cells []*cell
			for column, letters := range r.cells {
				cells = append(cells, w.cellsOf(r, column, letters)...)
			}
			w.walk(t, cells)
		})
	}
}

// cellsOf returns the trials of one cell of the table.
func (w *world) cellsOf(r *row, column, letters string) []*cell {
	full, token, narrowed := letters[:1], letters[:1], letters[len(letters)-1:]
	if len(letters) == 3 {
		token = letters[1:2]
	}
	// For every use case: a token that holds no permission that the use case names can
	// only call GET /users/me, and a deactivated actor can call nothing. Such a token gets
	// the error of the column "nothing" if every actor gets it. If the use case needs no
	// credential (creating a user), an invalid one counts as none.
	useless, gone := "403", r.cells["public"]
	switch all := r.cells["nothing"]; {
	case r.call == "get me":
		useless = "+"
	case all == "N", all == "D", all == "L":
		useless = all
	}
	if column == "public" {
		return []*cell{{world: w, row: r, column: column, by: credential{kind: "none"}, want: full}}
	}
	kind := "session"
	if column == "bot" || column == "holder" {
		kind = "token"
	}
	type try struct {
		by   credential
		want string
	}
	tried := []try{
		{credential{kind: "session"}, full},
		{credential{kind: "token"}, token},
		{credential{kind: "token", scopes: r.narrowed}, narrowed},
		{credential{kind: "token", scopes: jeton.Scopes{"report:read"}}, useless},
		{credential{kind: "token", scopes: jeton.Scopes{}}, useless},
		{credential{kind: kind, gone: true}, gone},
	}
	if column == "admin" && narrowed == "+" && len(r.narrowed) > 1 {
		// The administrator holds everything, so this shows that each permission is needed.
		for _, p := range r.narrowed {
			fewer := slices.DeleteFunc(slices.Clone(r.narrowed), func(q string) bool { return q == p })
			tried = append(tried, try{credential{kind: "token", scopes: fewer}, useless})
		}
	}
	var cells []*cell
	for _, try := range tried {
		if column == "bot" && try.by.kind == "session" {
			continue // a bot does not log in
		}
		cells = append(cells, &cell{world: w, row: r, column: column, by: try.by, roles: actors[column], want: try.want})
	}
	return cells
}

// walk creates the fixtures of the cells, then tries each of them.
func (w *world) walk(t *testing.T, cells []*cell) {
	t.Helper()
	w.t = t
	together := slices.DeleteFunc(slices.Clone(cells), func(c *cell) bool { return calls[c.row.call].alone })
	if len(cells) > 1 && len(together) < len(cells) {
		if len(together) > 0 {
			w.walk(t, together)
		}
		for i, c := range cells {
			if calls[c.row.call].alone {
				w.walk(t, cells[i:i+1])
			}
		}
		return
	}
	w.put(func(tx jeton.Tx) {
		for _, c := range cells {
			w.fill(tx, c)
		}
	})
	var asked sync.WaitGroup
	for part := range slices.Chunk(cells, len(cells)/askers+1) {
		asked.Go(func() {
			for _, c := range part {
				c.ask(t)
			}
		})
	}
	asked.Wait()
	if slices.ContainsFunc(cells, func(c *cell) bool { return c.role.ID != "" }) {
		w.clear(cells)
	}
}

// askers is the number of cells that are tried at once. They share no rows, and queued
// changes share the cost of a commit.
const askers = 16

// ask tries one cell.
func (c *cell) ask(t *testing.T) {
	t.Helper()
	call := calls[c.row.call]
	var body any
	if call.body != nil {
		body = call.body(c)
	}
	a := c.sent(body)
	got, want := c.outcome(a), answers[c.want]
	if got == want || c.want == "403" && a.Status == http.StatusForbidden {
		return
	}
	t.Errorf("%s, target %s, by %s, %s:\n\tgot  %s\n\twant %s (%s)\n\t%s", c.row.call, c.row.target, c.column, c.by,
		got, want, c.want, a.Body)
}

// rows parses a table. A line that cannot be parsed ends the test.
func rows(t *testing.T, table string) []*row {
	t.Helper()
	var columns []string
	var all []*row
	seen := map[string]bool{}
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		part := strings.Split(line, "|")
		if len(part) != 4 {
			t.Fatalf("not a row: %s", line)
		}
		cells := strings.Fields(part[3])
		if columns == nil {
			columns = cells
			continue
		}
		r := &row{call: strings.TrimSpace(part[0]), target: strings.TrimSpace(part[1]), narrowed: jeton.Scopes{}, cells: map[string]string{}}
		for _, name := range strings.Fields(part[2]) {
			if permissions[name] == "" {
				t.Fatalf("%s: no permission is called %s", r, name)
			}
			r.narrowed = append(r.narrowed, permissions[name])
		}
		if len(cells) != len(columns) || calls[r.call].method == "" || seen[r.String()] ||
			slices.ContainsFunc(cells, func(c string) bool { return len(c) > 3 || strings.Trim(c, letters()) != "" }) {
			t.Fatalf("a row that cannot be: %s", line)
		}
		seen[r.String()] = true
		for i, column := range columns {
			r.cells[column] = cells[i]
		}
		all = append(all, r)
	}
	return all
}

func letters() (all string) {
	for l := range answers {
		all += l
	}
	return all
}
