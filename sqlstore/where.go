package sqlstore

import (
	"encoding/json"
	"strconv"
	"strings"
)

// where returns no conditions.
func (s *Store) where() where {
	if IsPostgres(s.options.URL) {
		return where{catalog: "pg_catalog."}
	}
	return where{}
}

// where gathers conditions and their arguments; in them, ? is the next argument.
type where struct {
	conditions []string
	args       []any
	nothing    bool   // a condition that no row meets
	catalog    string // the schema of the database's own functions, with a dot; empty: they are in none
}

func (w *where) add(condition string) { w.conditions = append(w.conditions, condition) }

func (w *where) addWith(condition string, arg any) {
	if s, ok := arg.(string); ok && !storable(s) {
		w.nothing = true
		return
	}
	w.add(strings.Replace(condition, "?", w.mark(arg), 1))
}

// mark adds an argument and returns its parameter.
func (w *where) mark(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

// addList adds a condition in which ? is the list of the values. Without a value that can
// be stored no row meets it. They are one argument however many they are: the keys of a
// JSON object, which both databases read by the same function. PostgreSQL is given its
// schema: of a function of another role with an argument of type text, it would think that
// it fits better.
func (w *where) addList(condition string, values []string) {
	keys := map[string]bool{}
	for _, v := range values {
		if storable(v) {
			keys[v] = true
		}
	}
	object, err := json.Marshal(keys)
	w.nothing = w.nothing || len(keys) == 0 || err != nil
	w.add(strings.Replace(condition, "?", "SELECT asked.key FROM "+w.catalog+"json_each("+w.mark(string(object))+") AS asked", 1))
}

func (w *where) text() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// page returns the conditions, the order and the bounds of a page. It is the last to
// add arguments.
func (w *where) page(order string, offset, limit int64) string {
	return w.text() + " ORDER BY " + order + " LIMIT " + w.mark(limit) + " OFFSET " + w.mark(offset)
}
