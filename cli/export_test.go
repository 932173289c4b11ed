package cli

import "io"

// What the tests of single functions reach.
var (
	ParseWhen = parseWhen
	Relative  = relative
	Exact     = exact
	Clean     = clean
	Cut       = cut
	Overheard = overheard
	Canonical = canonical
	Escaped   = escaped
	Report    = report
)

// SecretFor returns the secret that is kept for one server of those by URL.
func SecretFor(servers map[string]string, server string) string {
	kept := keptSessions{Servers: map[string]keptSession{}}
	for url, secret := range servers {
		kept.Servers[canonical(url)] = keptSession{Secret: secret}
	}
	s, _ := kept.find(server)
	return s.Secret
}

// PrintTable prints batches of rows, and returns the titles of the columns for which
// there was no room.
func PrintTable(out io.Writer, width int, titles []string, cuts []bool, batches ...[][]string) ([]string, error) {
	t := &table{out: out, width: width, titles: titles, cuts: cuts}
	for _, rows := range batches {
		if err := t.print(rows); err != nil {
			return nil, err
		}
	}
	return t.dropped, nil
}
