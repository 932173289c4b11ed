package cli

import "io"

// For tests of single functions.
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

// SecretFor returns the stored secret for a server, of secrets by the URLs of servers.
func SecretFor(servers map[string]string, server string) string {
	kept := keptSessions{Servers: map[string]keptSession{}}
	for url, secret := range servers {
		kept.Servers[canonical(url)] = keptSession{Secret: secret}
	}
	s, _ := kept.find(server)
	return s.Secret
}

// PrintTable prints batches of rows, and returns the titles of the columns that did not fit.
func PrintTable(out io.Writer, width int, titles []string, cuts []bool, batches ...[][]string) ([]string, error) {
	t := &table{out: out, width: width, titles: titles, cuts: cuts}
	for _, rows := range batches {
		if err := t.print(rows); err != nil {
			return nil, err
		}
	}
	return t.dropped, nil
}
