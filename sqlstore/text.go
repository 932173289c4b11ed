package sqlstore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"jeton"
)

// storable reports whether s can be in the database at all. PostgreSQL fails on
// text with a NUL or with bytes that are not UTF-8, where SQLite just finds
// nothing; and a failed statement costs a change its neighbours.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// clean makes any text one that both databases keep. Only events are cleaned:
// they may tell of what a stranger sent, and must not fail for it.
func clean(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// putScopes turns scopes into an argument: NULL for nil, and only for nil.
func putScopes(s jeton.Scopes) (any, error) {
	if s == nil {
		return nil, nil
	}
	return putList(s)
}

// getScopes turns a column into scopes: nil for NULL. A column that cannot be read
// is an error: it must never look like nil, which narrows nothing.
func getScopes(null bool, text string) (jeton.Scopes, error) {
	if null {
		return nil, nil
	}
	return getList(text)
}

func putList(list []string) (string, error) {
	if list == nil {
		list = []string{}
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// getList reads a JSON list of strings. Lists of names, which have nothing to escape,
// take the short way: they stand in every row of a list of tokens.
func getList(text string) ([]string, error) {
	if inner, ok := strings.CutPrefix(text, `["`); ok && !strings.Contains(inner, `\`) {
		if inner, ok = strings.CutSuffix(inner, `"]`); ok {
			list := strings.Split(inner, `","`)
			if !slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, `"`) }) {
				return list, nil
			}
		}
	}
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("a list in the database: %w", err)
	}
	if list == nil { // the text "null" is no list
		return nil, fmt.Errorf("a list in the database is null")
	}
	return list, nil
}

// Names of roles have no space in them, so a space lies between.
func putNames(names []string) string { return strings.Join(names, " ") }
func getNames(text string) []string  { return strings.Fields(text) }

// putTimezone turns a user's time zone into an argument: an empty text for nil.
func putTimezone(z jeton.Timezone) string {
	if z == nil {
		return ""
	}
	b, _ := json.Marshal(z) // texts alone: it cannot fail
	return string(b)
}

// getTimezone reads a column. A text that cannot be read is the default: it decides
// nothing.
func getTimezone(text string) (z jeton.Timezone) {
	if text == "" || json.Unmarshal([]byte(text), &z) != nil {
		return nil
	}
	return z
}

// searchText is what a user is found by: each field in lower case behind a
// line's end, so that the beginning of a field is "\n" and the term.
func searchText(u jeton.User) string {
	var b strings.Builder
	for _, field := range []string{u.Username, u.FirstName, u.LastName, u.Nickname, u.Email} {
		if field != "" {
			b.WriteByte('\n')
			b.WriteString(oneLine(field))
		}
	}
	return b.String()
}

// prefixPattern is the LIKE pattern, with \ as its escape, of a field that
// begins with the term.
func prefixPattern(term string) string {
	return "%\n" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(oneLine(term)) + "%"
}

func oneLine(s string) string { return strings.ReplaceAll(strings.ToLower(s), "\n", " ") }

// columnList splits a list of columns as it stands in a statement.
func columnList(columns string) []string {
	list := strings.Split(columns, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}
