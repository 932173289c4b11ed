package sqlstore

// row is one row of a result, whatever the database. Columns count from 0. A value
// is the caller's to keep. What a column cannot be read as is an error of the
// result, told when the row was scanned.
type row interface {
	text(column int) string
	int(column int) int64
	bool(column int) bool
	null(column int) bool
	// appendText appends a column's text: for those who read many columns of many
	// rows, and do not want an allocation for each.
	appendText(b []byte, column int) []byte
}

// arena gathers the text of many columns of many rows in one buffer, and makes one
// string of all of it: a list of tokens costs two allocations for its text, not
// eight for each row.
type arena struct {
	bytes []byte
	ends  []int
}

// add copies a column.
func (a *arena) add(r row, column int) {
	a.bytes = r.appendText(a.bytes, column)
	a.ends = append(a.ends, len(a.bytes))
}

// texts returns the columns in the order in which they were added: each call of
// the function gives the next one.
func (a *arena) texts() func() string {
	all, at, from := string(a.bytes), 0, 0
	return func() string {
		text := all[from:a.ends[at]]
		from = a.ends[at]
		at++
		return text
	}
}
